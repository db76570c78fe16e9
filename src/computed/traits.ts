import type { ItemTraits, LoadUnit, Series } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { inFlight, stepAt } from './in-flight.ts';
import { between, firstAtOrAfter } from './series.ts';

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
  const edges = [...between(steps, startMs, endMs).tMs, ...between(busy, startMs, endMs).tMs];
  const times = [...new Set([startMs, ...edges.sort((a, b) => a - b), endMs])];
  const valueFrom = cursor(steps, startMs);
  const openFrom = cursor(busy, startMs);
  let area = 0;
  let busyMs = 0;
  let highest = 0;
  for (const [index, tMs] of times.slice(0, -1).entries()) {
    const value = valueFrom(tMs);
    if (openFrom(tMs) > 0) {
      const lastedMs = (times[index + 1] ?? tMs) - tMs;
      area += value * lastedMs;
      busyMs += lastedMs;
      highest = Math.max(highest, value);
    }
  }
  return busyMs === 0 ? null : { mean: area / busyMs, highest };
}

/** Reads a step function at rising times from `fromMs` on, each step once. */
function cursor(steps: Series, fromMs: number): (tMs: number) => number {
  let next = firstAtOrAfter(steps.tMs, fromMs);
  let value = stepAt(steps, fromMs);
  return (tMs) => {
    while (next < steps.tMs.length && (steps.tMs[next] ?? 0) <= tMs) {
      value = steps.values[next] ?? 0;
      next += 1;
    }
    return value;
  };
}
