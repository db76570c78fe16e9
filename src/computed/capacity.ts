import { formatBytes } from '../base/units.ts';
import type { Ladder, LadderRung, Limit } from '../model/artifacts.ts';
import type { Capacity } from '../model/result.ts';

/** Up to here a server is loaded on purpose; the rest is for what was not measured. */
export const usableRatio = 0.9;
/** A rise of less is noise of the footprint. */
const notableBytes = 16 * 1024 ** 2;
const notableRatio = 0.02;
/** A mean of 7.6 callers is 8 of which one is just between two requests. */
const heldRatio = 0.9;
const highPoints = 8;
const mediumPoints = 4;
/** Nobody measured how memory grows so far beyond the highest level. */
const farTimes = 4;

/** Memory that so many at once would need, by the median slope. */
export function projectedBytes(capacity: Pick<Capacity, 'baseBytes' | 'bytesPerInFlight'>, inFlight: number): number {
  return capacity.baseBytes + capacity.bytesPerInFlight * inFlight;
}

/** A limit under which so many at once would stay below 90 %, by the upper end of the slope; whole MiB. */
export function limitFor(capacity: Pick<Capacity, 'baseBytes' | 'upperBytesPerInFlight'>, inFlight: number): number {
  const mebibyte = 1024 ** 2;
  const bytes = (capacity.baseBytes + capacity.upperBytesPerInFlight * inFlight) / usableRatio;
  return Math.ceil(bytes / mebibyte) * mebibyte;
}

/** Whether as many as asked for were in flight in a level that stayed within its room. */
export function isHeld(capacity: Pick<Capacity, 'heldConcurrency'>, concurrency: number): boolean {
  return capacity.heldConcurrency >= heldRatio * concurrency;
}

/**
 * C_max = floor((0.9 L - base) / beta) (PROTOCOL 17.1), beta = the upper end of the slope of memory over requests in flight. What was
 * measured beats what is projected: a level that held is safe, and one that a kill or the guard ended is not.
 * A text instead says why it is not known.
 */
export function capacityOf(ladder: Ladder, limit: Pick<Limit, 'bytes' | 'source'>): Capacity | string {
  const slope = ladder.slopes.find(({ unit }) => unit === 'requests');
  if (slope === undefined) {
    return ladder.unknownWhy ?? 'too few levels were measured';
  }
  const { baseBytes } = ladder;
  const known = ladder.rungs.filter(({ isCut }) => !isCut);
  const usableBytes = usableRatio * limit.bytes;
  const heldConcurrency = Math.max(0, ...known.filter(({ peakBytes }) => peakBytes <= usableBytes).map(heldIn));
  const highest = Math.max(...known.map(requestsOf));
  const upper = slope.upperBytes;
  const isFlat = slope.bytes * highest < Math.max(notableBytes, notableRatio * baseBytes);
  const projected = isFlat || upper <= 0 ? null : Math.max(0, Math.floor((usableBytes - baseBytes) / upper));
  const cuts = ladder.rungs.filter(({ isCut }) => isCut).map((rung) => Math.max(0, Math.round(requestsOf(rung)) - 1));
  const bounded = projected === null ? null : Math.max(projected, heldConcurrency);
  const safeConcurrency = cuts.length === 0 ? bounded : Math.min(bounded ?? Number.POSITIVE_INFINITY, ...cuts);
  const held = known.at(-1);
  return {
    safeConcurrency,
    heldConcurrency,
    askedConcurrency: ladder.asked.concurrency,
    limitBytes: limit.bytes,
    baseBytes,
    bytesPerInFlight: slope.bytes,
    upperBytesPerInFlight: upper,
    unit: 'requests',
    basis: basisOf(ladder, known),
    arithmetic: [
      `limit ${formatBytes(limit.bytes)} (${limit.source}), of which 90 % are used: ${formatBytes(usableBytes)}`,
      ladder.reusedBytes === null
        ? `base with nothing in flight: ${formatBytes(baseBytes)}`
        : `base: ${formatBytes(baseBytes)}, where the line through the levels meets zero; what stayed after load, ${formatBytes(ladder.reusedBytes)}, is used again and not added`,
      `each request in flight: ${formatBytes(slope.bytes)} (${formatBytes(slope.lowerBytes)} to ${formatBytes(upper)}); the upper end counts`,
      projected === null
        ? 'memory did not grow with what was in flight'
        : `(${formatBytes(usableBytes)} - ${formatBytes(baseBytes)}) / ${formatBytes(upper)} = ${((usableBytes - baseBytes) / upper).toFixed(2)}`,
      ...(held !== undefined && projected !== null && heldConcurrency > projected
        ? [`${heldConcurrency} at once were measured and stayed below 90 % of the limit`]
        : []),
      ...(cuts.length > 0 && safeConcurrency === Math.min(...cuts)
        ? [`memory ended the level of ${safeConcurrency + 1} at once`]
        : []),
    ],
    ...confidenceOf(ladder, slope, { safeConcurrency, highest }),
    perUnit: ladder.slopes.map(({ unit, bytes, lowerBytes, upperBytes }) => ({ unit, bytes, lowerBytes, upperBytes })),
  };
}

function basisOf({ leftOut }: Ladder, known: readonly LadderRung[]): string {
  const measured = known.map((rung) => `${rung.stage} ${requestsOf(rung).toFixed(1)}`).join(', ');
  const without = leftOut.map(({ stage, why }) => `${stage} (${why})`).join(', ');
  return `${levels(known.length)} of load, ${measured} in flight${without === '' ? '' : `; left out: ${without}`}`;
}

function confidenceOf(
  ladder: Ladder,
  slope: Ladder['slopes'][number],
  { safeConcurrency, highest }: { safeConcurrency: number | null; highest: number },
): Pick<Capacity, 'confidence' | 'confidenceWhy'> {
  if (!ladder.isBaseSteady) {
    return { confidence: 'low', confidenceWhy: 'memory did not go back to its base between the levels' };
  }
  if (slope.isSuperlinear) {
    return { confidence: 'low', confidenceWhy: 'the higher levels cost more per request than the lower ones' };
  }
  if (slope.points < mediumPoints) {
    return { confidence: 'low', confidenceWhy: `a line through ${slope.points} points; measure more levels` };
  }
  if (safeConcurrency !== null && safeConcurrency > farTimes * highest) {
    return { confidence: 'low', confidenceWhy: `at most ${highest.toFixed(1)} at once were measured` };
  }
  return slope.points < highPoints
    ? { confidence: 'medium', confidenceWhy: `${slope.points} points; their slopes have a range, no interval` }
    : { confidence: 'high', confidenceWhy: `${slope.points} points, 95 % interval by bootstrap` };
}

function requestsOf({ inFlight }: LadderRung): number {
  return inFlight.requests ?? 0;
}

/** The peak of a level is that of its busiest time too: a server that queues what it cannot start has no need of more. */
function heldIn(rung: LadderRung): number {
  return Math.max(Math.round(requestsOf(rung)), rung.sustainedRequests);
}

function levels(count: number): string {
  return count === 1 ? 'one level' : `${count} levels`;
}
