import { type LineFit, largest, mad, median, smallest, theilSen } from '../base/statistics.ts';
import type { Footprint, ItemTraits, LoadUnit, Series, StageWindow } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { inFlight } from './in-flight.ts';
import { between } from './series.ts';
import { levelWithin, requestUnits, unitsInFlight } from './traits.ts';

/** As for any line over samples. */
export const minimumPoints = 12;
/** Sizes that hardly differ say nothing of size. */
const spreadTimes = 1.5;
const notableBytes = 16 * 1024 ** 2;
const notableRatio = 0.02;
/** The interval of the slope knows of the noise already; this is so that a rise within it is not told. */
const noiseTimes = 1;

/** Content too large (RFC 9110, 15.5.14). */
const tooLargeStatus = 413;

/** Memory over the size of what is in flight, with the number of requests held still. */
export interface SizeSlope {
  unit: LoadUnit;
  stage: StageWindow;
  /** Requests in flight at each point. */
  inFlight: number;
  fit: LineFit;
  /** Most in flight at any point, and the mean of an item that was sent, in the unit. */
  mostUnits: number;
  meanUnits: number;
}

interface Point {
  x: number;
  bytes: number;
}

/** The stage with most points decides. `points`: how many there were, for a stage with too few. */
export function sizeSlope(
  footprint: Footprint,
  stages: readonly StageWindow[],
  records: readonly RequestRecord[],
  items: ReadonlyMap<string, ItemTraits>,
): { slope: SizeSlope | null; points: number; unit: LoadUnit | null } {
  // What is refused for its size is let go before it is worked on.
  const taken = records.filter(({ status }) => status !== tooLargeStatus);
  const busy = inFlight(taken);
  let best: { slope: SizeSlope | null; points: number; unit: LoadUnit | null } = { slope: null, points: 0, unit: null };
  for (const unit of ['audioSeconds', 'megapixels', 'bytes'] as const) {
    const steps = unitsInFlight(taken, items, unit);
    for (const stage of steps === null ? [] : stages.filter(({ kind }) => kind === 'load')) {
      const found = steps === null ? null : pointsOf(footprint.peaks, steps, busy, stage);
      if (found === null || found.points.length <= best.points || !isSpread(found.points)) {
        continue;
      }
      const sent = taken.filter((record) => record.stage === stage.name && record.startMs !== null);
      const units = sent.map((record) => requestUnits(record, items, unit) ?? 0);
      const fit = found.points.length < minimumPoints ? null : risingLine(found.points);
      best = {
        unit,
        points: found.points.length,
        slope:
          fit === null
            ? null
            : {
                unit,
                stage,
                inFlight: found.count,
                fit,
                mostUnits: largest(found.points.map(({ x }) => x)) ?? 0,
                meanUnits: units.reduce((sum, value) => sum + value, 0) / units.length,
              },
      };
    }
  }
  return best;
}

/** The smallest that was refused with 413, in the unit; null if none was. */
export function smallestRefused(
  records: readonly RequestRecord[],
  items: ReadonlyMap<string, ItemTraits>,
  unit: LoadUnit,
): number | null {
  const sizes = records
    .filter(({ status }) => status === tooLargeStatus)
    .map((record) => requestUnits(record, items, unit) ?? Number.POSITIVE_INFINITY);
  return smallest(sizes);
}

/** One point a sample: the most that was in flight since the sample before, where that was the usual number. */
function pointsOf(
  peaks: Series,
  steps: Series,
  busy: Series,
  { startMs, endMs }: StageWindow,
): { points: readonly Point[]; count: number } {
  const inside = between(peaks, startMs, endMs);
  const all: (Point & { count: number })[] = [];
  for (let index = 1; index < inside.tMs.length; index += 1) {
    const span = { startMs: inside.tMs[index - 1] ?? 0, endMs: inside.tMs[index] ?? 0 };
    const bytes = inside.values[index] ?? Number.NaN;
    const count = levelWithin(busy, busy, span)?.highest ?? 0;
    const x = levelWithin(steps, busy, span)?.highest ?? 0;
    if (!Number.isNaN(bytes) && count > 0 && x > 0) {
      all.push({ x, bytes, count });
    }
  }
  const count = median(all.map((point) => point.count)) ?? 0;
  return { points: all.filter((point) => point.count === count), count };
}

function isSpread(points: readonly Point[]): boolean {
  const sizes = points.map(({ x }) => x);
  return (largest(sizes) ?? 0) >= spreadTimes * (smallest(sizes) ?? 0);
}

/** null unless the line rises beyond its noise, and in both halves of the time: else it may be time that raises it. */
function risingLine(points: readonly Point[]): LineFit | null {
  const fit = lineOf(points);
  if (fit === null || fit.lowerSlope <= 0) {
    return null;
  }
  const spread = mad(points.map(({ x, bytes }) => bytes - fit.intercept - fit.slope * x)) ?? 0;
  const level = median(points.map(({ bytes }) => bytes)) ?? 0;
  const rise = fit.slope * 2 * (fit.lastX - fit.midX);
  const middle = points.length >> 1;
  const halves = [points.slice(0, middle), points.slice(middle)].map((half) => lineOf(half)?.slope ?? 0);
  return rise > Math.max(notableBytes, notableRatio * level, noiseTimes * spread) && halves.every((slope) => slope > 0)
    ? fit
    : null;
}

function lineOf(points: readonly Point[]): LineFit | null {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  return theilSen(
    sorted.map(({ x }) => x),
    sorted.map(({ bytes }) => bytes),
  );
}
