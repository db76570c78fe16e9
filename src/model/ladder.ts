import type { SearchResult } from './search.ts';

/** What may be counted of the load in flight: whole requests, or what they carry. */
export const loadUnits = ['requests', 'bytes', 'audioSeconds', 'megapixels'] as const;
export type LoadUnit = (typeof loadUnits)[number];

/** One level of load, as it was measured. */
export interface LadderRung {
  stage: string;
  startMs: number;
  endMs: number;
  /**
   * Mean in flight while anything was; the highest of a burst and of a level that was cut; null where an item's trait
   * is unknown.
   */
  inFlight: Readonly<Record<LoadUnit, number | null>>;
  /** So many requests or more were in flight for a tenth of its time: more than the mean where the load swings. */
  sustainedRequests: number;
  /** Highest footprint in its stage. */
  peakBytes: number;
  /** A kill or the guard ended it: its peak is what there was room for, not what the level needs. */
  isCut: boolean;
}

/** Bytes of memory per unit in flight. */
export interface LadderSlope {
  unit: LoadUnit;
  bytes: number;
  /**
   * From 8 points on a 95 % interval by bootstrap, below that the range of all pairwise slopes. Neither `bytes` nor
   * the upper end is less than what a cut level had reached.
   */
  lowerBytes: number;
  upperBytes: number;
  points: number;
  isSuperlinear: boolean;
}

/** Memory against what is in flight, over the levels of a run that each went higher than all before. */
export interface Ladder {
  rungs: readonly LadderRung[];
  /** Judged stages under load that are no rung, and why. */
  leftOut: readonly { stage: string; why: string }[];
  /** What is held with nothing in flight once the first load has loaded what it loads. */
  baseBytes: number;
  /** Settled level after load that later requests use again, so that it is no base; null: there is none. */
  reusedBytes: number | null;
  /** The base moved by less than 5 % between the levels. */
  isBaseSteady: boolean;
  /** One for each unit that is known of every rung; empty if `unknownWhy` says why. */
  slopes: readonly LadderSlope[];
  unknownWhy: string | null;
  /** What shows that memory follows how many were answered, not how many are at once; null: that was not seen. */
  cumulativeWhy: string | null;
  /** Why it is not known that later requests use `reusedBytes` again; null: it is, or there are none. */
  reuseUnseenWhy: string | null;
  /** The most that the run asked for at once, and in which stage. */
  asked: { concurrency: number; stage: string };
  /** What the run's search came to; null: it has none. */
  search: SearchResult | null;
}
