/** One load of a family of equal ones, and where memory settled after it. */
export interface Round {
  /** Its load stage. */
  stage: string;
  startMs: number;
  /** The quiet time whose samples give the floors; null if it was too short or something stayed in flight. */
  floorWindow: { fromMs: number; toMs: number } | null;
  /** Requests that were sent. */
  requests: number;
  /**
   * Median over the last samples of the quiet time, by metric: `footprint`, `rss`, `anon+swap`, `fds`, `threads`,
   * `device:<instance>`. A metric without at least 6 samples there is missing.
   */
  floors: Readonly<Record<string, number>>;
}

/** Loads that are equal in all but their time, in their order. */
export interface RoundFamily {
  /** Name of its stages without their numbers. */
  name: string;
  /** The load as text: two families of the same load can be compared. */
  load: string;
  /** Most of its rounds sent mostly items that no request before them had. */
  hasNewInputs: boolean;
  /** Round 0, which fills pools and is not judged; null where an equal load came before the family. */
  warmup: Round | null;
  rounds: readonly Round[];
}

/** Repeated loads of a run; empty where it has none. */
export interface Rounds {
  families: readonly RoundFamily[];
  /** Restarts within a family: only its longest stretch without one is kept. */
  restartsMs: readonly number[];
}

/** What was held before, at most, and after load: on the host, or on one device. */
export interface Retention {
  /** `host` or the device's instance. */
  place: string;
  /** At rest before the load, with everything loaded that one request at a time needs; null without such a time. */
  baseBytes: number | null;
  peakBytes: number;
  /** At rest after the last load; null without such a time. */
  floorBytes: number | null;
  /** What the place holds in all; null where it is not known. */
  capacityBytes: number | null;
  /** Who holds most at rest after load; null where nobody was seen. */
  holder: string | null;
  /** How much an equal load again usually added to the floor; null without two equal loads that have floors. */
  secondRoundBytes: number | null;
  /** What equal loads that came again added together, if each added what is usual. */
  addedByRoundsBytes: number | null;
}
