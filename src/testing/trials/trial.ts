/** A process of the server's tree as the kernel shows it; bytes. */
export interface TrialProcess {
  pid: number;
  /** The name that the process gave itself, such as `ref-cold`. */
  name: string;
  parentPid: number;
  rssAnonBytes: number;
  rssShmemBytes: number;
  swapBytes: number;
  threads: number;
}

export interface TrialReply {
  /** null: no reply came (timeout, reset, refused). */
  status: number | null;
  body: string;
  tookMs: number;
}

/** A reference server that runs in processes of its own, and ways to load and to read it. */
export interface TrialServer {
  url: URL;
  pid: number;
  /** The time scale that it was started with: what takes a second there takes this many here. */
  timeScale: number;
  get(path: string, timeoutMs?: number): Promise<TrialReply>;
  post(path: string, contentType: string, body: Uint8Array, timeoutMs?: number): Promise<TrialReply>;
  /** One gauge or counter of `/metrics`, summed over its label sets; null if it is not there. */
  metric(name: string): Promise<number | null>;
  /** The server and all its descendants that live now. */
  processes(): readonly TrialProcess[];
  /** RssAnon + swap of all of them. */
  anonBytes(): number;
  /** OOM kills in its group so far; null where no group could be made. */
  kills(): number | null;
  /** The kernel's own high-water mark of the group; null where there is none. */
  peakBytes(): number | null;
}

/** Inclusive; an end that is not given is free. */
export interface Expectation {
  least?: number;
  most?: number;
}

/**
 * The one number that tells a faulty server from a fixed one (the incidents' "deciding number"),
 * measured on a real server under a real limit.
 */
export interface FaultTrial {
  fault: string;
  /** What the number is, as a table heading: "slope in silence". */
  measures: string;
  unit: 'bytes' | 'bytes_per_s' | 'ratio' | 'count' | 'ms';
  /** The server's limit; null = none is needed. */
  memoryLimitBytes: number | null;
  /** Further arguments of the server: `--time-scale`, `--knob`. */
  args: readonly string[];
  /** The faulty server first (`fixes: []`), then with its right fixes, then with false ones, which must still fail. */
  cases: readonly { fixes: readonly string[]; expected: Expectation }[];
  /** Takes 5 to 40 s. Rejects if the server cannot be driven; a dead server is a number too where death is the fault. */
  measure(server: TrialServer): Promise<number>;
}
