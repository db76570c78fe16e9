import type { GateUnit } from '../../model/gate.ts';

/** One night of one metric. */
export interface TrendNight {
  sessionId: string;
  /** ms since 1970. */
  atMs: number;
  values: readonly number[];
  median: number;
  isAccepted: boolean;
  /** Where the gate would have passed it, from the accepted nights before; null: too few of them. */
  band: { low: number; high: number } | null;
}

/** A metric of a series over nights, oldest first. */
export interface Trend {
  title: string;
  unit: GateUnit;
  nights: readonly TrendNight[];
  reference: number | null;
  limit: number | null;
  /** Nights from which on it lies on another level. */
  changes: readonly { atMs: number; sessionId: string }[];
  /** Nights from which on a person took a shift for the new normal. */
  resets: readonly { atMs: number; reason: string }[];
}
