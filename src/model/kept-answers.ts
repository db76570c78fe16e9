/** Memory that follows what was answered, whatever is in flight. */
export interface KeptByAnswers {
  bytesPerAnswer: number;
  /** Requests that were answered in all. */
  answers: number;
  /** At any time of the run. */
  mostInFlight: number;
  /** Share of the rise that stayed when nothing was in flight any more. */
  keptRatio: number;
}

/** What memory follows, as far as the run shows it. */
export interface MemoryDriver {
  /** null: not shown, so that it may be what is in flight. */
  answers: KeptByAnswers | null;
}
