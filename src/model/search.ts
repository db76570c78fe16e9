/** One step of a capacity search. */
export interface SearchStep {
  /** Its stage. */
  name: string;
  vus: number;
  /** The step of as many at once that it repeats; null: it was the first of them. Absent: an older bench. */
  repeats?: string | null;
  /** Of the step's own plan. */
  planHash: string;
  startMs: number;
  /** null: the run ended inside it. */
  endMs: number | null;
  answered: number;
  achievedPerSecond: number | null;
  /** From planned time, answered requests only. */
  p95Ms: number | null;
  /** Failed of those that the target answered or failed; null if it did neither. */
  errorRatio: number | null;
  /** Highest footprint in it; null: not read. Absent: an older bench. */
  peakBytes?: number | null;
  /** Settled footprint in the lull after it; null: not read, or no lull followed. Absent: an older bench. */
  floorBytes?: number | null;
  /** `stopped`: broken, since the load was stopped in it, and with it the search. */
  verdict: 'kept' | 'broke' | 'stopped' | 'unfinished';
  /** Which bound broke, or why the load was stopped; empty if neither. */
  why: string;
}

export interface SearchResult {
  /** More VUs than these were hardly answered faster; null: that was not seen. */
  kneeVus: number | null;
  /** The most that kept every bound, below the first that did not; null: none did. */
  lastGoodVus: number | null;
  firstBrokenVus: number | null;
  /**
   * The most that kept every bound again, with memory no higher than before (PROTOCOL 3.8): no other number is called
   * safe. null: none did. Absent: an older bench, which repeated nothing.
   */
  confirmedVus?: number | null;
  /** Why `lastGoodVus` is not confirmed; null where it is, or where nothing was kept. */
  unconfirmedWhy?: string | null;
  /** Memory followed how many requests were answered, not how many are at once: no number of these is safe for long. */
  isCumulative?: boolean;
  /** The limit that it was searched under; null: none was found. Absent: an older bench. */
  limitBytes?: number | null;
  why: string;
  /** In the order in which they were run. */
  steps: readonly SearchStep[];
}
