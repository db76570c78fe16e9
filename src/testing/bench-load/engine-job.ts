/** What an engine is to send, in a process of its own. */
export interface EngineJob {
  engine: string;
  url: string;
  epochNs: string;
  folder: string;
  bytes: number;
  durationMs: number;
  load: { slots: number; distinct: boolean } | { ratePerSecond: number; maxInFlight: number };
}

/** When a request began and ended, ms on the shared clock. */
export interface Spell {
  id: string;
  startMs: number;
  endMs: number;
}

export interface EngineReport {
  ok: number;
  records: number;
  /** First start to last end. */
  spanMs: number;
  bytesOut: number;
  latenessP50Ms: number | null;
  latenessP99Ms: number | null;
  spells: Spell[];
  /** Of this process from the stage's start; null where the engine sends from processes of its own. */
  cpuSeconds: number | null;
  /** An outcome other than ok, with how often. */
  failures: Record<string, number>;
}
