import type { Series } from '../model/artifacts.ts';
import { type Outcome, outcomes, type RequestRecord } from '../model/record.ts';

/**
 * What became of the requests that were planned in each bucket, per second: stacked they are what was offered.
 * An outcome that no request had is left out.
 */
export function outcomeRates(
  records: readonly RequestRecord[],
  bucketMs: number,
  endMs: number,
): ReadonlyMap<Outcome, Series> {
  const size = Math.max(1, Math.ceil(endMs / bucketMs));
  const counts = new Map<Outcome, Float64Array>();
  for (const { outcome, plannedMs } of records) {
    const ofOutcome = counts.get(outcome) ?? new Float64Array(size);
    counts.set(outcome, ofOutcome);
    const index = Math.floor(plannedMs / bucketMs);
    if (index < size) {
      ofOutcome[index] = (ofOutcome[index] ?? 0) + 1;
    }
  }
  const tMs = Float64Array.from({ length: size }, (_, index) => (index + 0.5) * bucketMs);
  const perSecond = (values: Float64Array): Series => ({
    tMs,
    // The last bucket may be cut short by the end of the run.
    values: values.map((count, index) => (count * 1000) / Math.max(1, Math.min(bucketMs, endMs - index * bucketMs))),
  });
  return new Map(
    outcomes.flatMap((outcome) => {
      const values = counts.get(outcome);
      return values === undefined ? [] : [[outcome, perSecond(values)] as const];
    }),
  );
}
