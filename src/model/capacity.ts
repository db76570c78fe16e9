import type { LoadUnit } from './artifacts.ts';

/** How many requests at once fit under a limit, from the memory that each one in flight takes. */
export interface Capacity {
  /**
   * null: memory did not grow with what was in flight, so it sets no bound that was seen. Never beyond 4 times
   * `measuredConcurrency` (PROTOCOL 17.3).
   */
  safeConcurrency: number | null;
  /** `safeConcurrency` ends where measuring ended, and not by memory: read it as "at least". Absent: an older bench. */
  isAtLeast?: boolean;
  /** The most that was in flight in a level measured whole, whether it held or not. Absent: an older bench. */
  measuredConcurrency?: number;
  /** What the arithmetic alone says, however far beyond; null: memory did not grow. Absent: an older bench. */
  projectedConcurrency?: number | null;
  /** The most that was in flight in a level that stayed below 90 % of the limit; 0 = none did. */
  heldConcurrency: number;
  askedConcurrency: number;
  limitBytes: number;
  baseBytes: number;
  bytesPerInFlight: number;
  upperBytesPerInFlight: number;
  unit: 'requests';
  /** Where the slope comes from, in words. */
  basis: string;
  /** How the number came about, a step a line. */
  arithmetic: readonly string[];
  confidence: 'high' | 'medium' | 'low';
  confidenceWhy: string;
  /** The slope in every unit that is known of the items; `requests` first. */
  perUnit: readonly { unit: LoadUnit; bytes: number; lowerBytes: number; upperBytes: number }[];
}
