/** Equal lengths, rising times in ms since the run began. NaN is a gap, never a zero. */
export interface Series {
  tMs: Float64Array;
  values: Float64Array;
}
