import type { ItemTraits, Series, StageWindow } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { firstLoadMs } from './stages.ts';

export type WorkUnit = 'requests' | 'audioSeconds';

/** What one request counts; null where its audio is not known. */
function sizeOf(record: RequestRecord, items: ReadonlyMap<string, ItemTraits>, unit: WorkUnit): number | null {
  return unit === 'requests' ? 1 : (items.get(record.itemId)?.audioSeconds ?? null);
}

/** Our side let go of it, or the connection broke: the server may still have it. */
const letGo: readonly RequestRecord['outcome'][] = ['timeout', 'cancelled', 'reset', 'closed_early'];

/**
 * The most that the server can rightly hold of ours at any moment of a reading: what was in flight at any time since
 * `fromMs`, and what we let go of since its queue was last seen empty. null if a size is unknown.
 */
export function mostHeld(
  records: readonly RequestRecord[],
  items: ReadonlyMap<string, ItemTraits>,
  unit: WorkUnit,
  span: { fromMs: number; toMs: number; emptyMs: number },
): number | null {
  let sum = 0;
  for (const record of records) {
    const { startMs, endMs, outcome } = record;
    if (startMs === null || startMs > span.toMs) {
      continue;
    }
    const isOpen = endMs === null || endMs >= span.fromMs;
    const isLeft = endMs !== null && letGo.includes(outcome) && endMs >= span.emptyMs;
    if (isOpen || isLeft) {
      const size = sizeOf(record, items, unit);
      if (size === null) {
        return null;
      }
      sum += size;
    }
  }
  return sum;
}

/** The largest that was sent; null if one is unknown or nothing was sent. */
export function largestSent(
  records: readonly RequestRecord[],
  items: ReadonlyMap<string, ItemTraits>,
  unit: WorkUnit,
): number | null {
  let largest: number | null = null;
  for (const record of records) {
    const size = record.startMs === null ? 0 : sizeOf(record, items, unit);
    if (size === null) {
      return null;
    }
    largest = Math.max(largest ?? 0, size);
  }
  return largest;
}

/** What the gauge showed before we sent anything: somebody else's work, or its resting value. */
export function restingLevel(gauge: Series, stages: readonly StageWindow[]): number {
  const loadMs = firstLoadMs(stages) ?? 0;
  const before = gauge.values.filter((value, index) => (gauge.tMs[index] ?? 0) < loadMs && !Number.isNaN(value));
  return before.reduce((most, value) => Math.max(most, value), 0);
}
