import type { ItemTraits, LoadUnit, Series } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { inFlight, stepAt } from './in-flight.ts';
import { firstAtOrAfter } from './series.ts';

const pixelsPerMegapixel = 1e6;

/** What an item counts in a unit; null where it has no such trait. */
export function unitsOf(traits: ItemTraits, unit: LoadUnit): number | null {
  switch (unit) {
    case 'requests':
      return 1;
    case 'bytes':
      return traits.bytes;
    case 'audioSeconds':
      return traits.audioSeconds;
    case 'megapixels':
      return traits.pixels === null ? null : traits.pixels / pixelsPerMegapixel;
  }
}

/** What a request counts; of one whose item is not known, the bytes are those that were sent. */
export function requestUnits(
  { itemId, bytesOut }: Pick<RequestRecord, 'itemId' | 'bytesOut'>,
  items: ReadonlyMap<string, ItemTraits>,
  unit: LoadUnit,
): number | null {
  const traits = items.get(itemId);
  if (unit === 'requests') {
    return 1;
  }
  if (traits === undefined) {
    return unit === 'bytes' ? bytesOut : null;
  }
  return unitsOf(traits, unit);
}

/** What was in flight over time in a unit, as a step function; null as soon as one request's share is unknown. */
export function unitsInFlight(
  records: readonly RequestRecord[],
  items: ReadonlyMap<string, ItemTraits>,
  unit: LoadUnit,
): Series | null {
  const sent = records.filter(({ startMs }) => startMs !== null);
  return sent.length === 0 || sent.some((record) => requestUnits(record, items, unit) === null)
    ? null
    : inFlight(sent, (record) => requestUnits(record, items, unit) ?? 0);
}

/** A step function over part of a run: the highest value, and the mean over the time in which `busy` is above 0. */
export function levelWithin(
  steps: Series,
  busy: Series,
  { startMs, endMs }: { startMs: number; endMs: number },
): { mean: number; highest: number } | null {
  let step = firstAtOrAfter(steps.tMs, startMs);
  let change = firstAtOrAfter(busy.tMs, startMs);
  let value = stepAt(steps, startMs);
  let open = stepAt(busy, startMs);
  let area = 0;
  let busyMs = 0;
  let highest = 0;
  for (let tMs = startMs; tMs < endMs; ) {
    for (; (steps.tMs[step] ?? endMs) <= tMs; step += 1) {
      value = steps.values[step] ?? 0;
    }
    for (; (busy.tMs[change] ?? endMs) <= tMs; change += 1) {
      open = busy.values[change] ?? 0;
    }
    const nextMs = Math.min(steps.tMs[step] ?? endMs, busy.tMs[change] ?? endMs, endMs);
    if (open > 0) {
      area += value * (nextMs - tMs);
      busyMs += nextMs - tMs;
      highest = Math.max(highest, value);
    }
    tMs = nextMs;
  }
  return busyMs === 0 ? null : { mean: area / busyMs, highest };
}

/** The highest value that a step function reached or exceeded for so long in all within a part of a run; 0 if none. */
export function levelHeldFor(
  steps: Series,
  { startMs, endMs }: { startMs: number; endMs: number },
  leastMs: number,
): number {
  const heldMs = new Map<number, number>();
  let fromMs = startMs;
  let value = stepAt(steps, startMs);
  for (let step = firstAtOrAfter(steps.tMs, startMs); fromMs < endMs; step += 1) {
    const toMs = Math.min(steps.tMs[step] ?? endMs, endMs);
    heldMs.set(value, (heldMs.get(value) ?? 0) + toMs - fromMs);
    fromMs = toMs;
    value = steps.values[step] ?? 0;
  }
  let sumMs = 0;
  for (const [level, ms] of [...heldMs].sort(([a], [b]) => b - a)) {
    sumMs += ms;
    if (sumMs >= leastMs) {
      return level;
    }
  }
  return 0;
}
