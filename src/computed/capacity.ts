import { formatBytes } from '../base/units.ts';
import type { Ladder, LadderRung, Limit } from '../model/artifacts.ts';
import type { Capacity } from '../model/capacity.ts';
import type { SearchResult } from '../model/search.ts';
import { cumulativeClaim } from './cumulative.ts';
import { notableBytes, notableRatio } from './notable-rise.ts';
import { isConfirmed, searchWords } from './search-answer.ts';

/** Up to here a server is loaded on purpose; the rest is for what was not measured. */
export const usableRatio = 0.9;
/** A mean of 7.6 callers is 8 of which one is just between two requests. */
const heldRatio = 0.9;
const highPoints = 8;
const mediumPoints = 4;
/**
 * No number is told beyond so many times the highest level measured whole (PROTOCOL 17.3): two more doublings of a
 * search. A line is only as good as its straightness, and a bend is seen from the upper half 1.5 times as steep as the
 * lower one. The strongest bend below that, y = a x (1 + 2 x / 3 m) up to the highest level m, takes at 4 m 2.2 times
 * what the line says, at 10 m 4.6 times, at 100 m 41 times.
 */
export const reachTimes = 4;

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
 * measured beats what is projected: a level that held is safe, and one that a kill or the guard ended is not. Of a projection far
 * beyond what was measured only a part is told, as "at least"; the rest is kept as `projectedConcurrency`.
 * A text instead says why it is not known.
 */
export function capacityOf(ladder: Ladder, limit: Pick<Limit, 'bytes' | 'source'>): Capacity | string {
  const notTold = whyNotTold(ladder);
  if (notTold !== null) {
    return notTold;
  }
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
  const measuredConcurrency = Math.max(1, ...known.map(heldIn));
  const byMemory = toldOf({ projected, heldConcurrency, reach: reachTimes * measuredConcurrency, cuts });
  const told = searchedOf(ladder.search, limit.bytes) ?? byMemory;
  const { safeConcurrency } = told;
  const held = known.at(-1);
  return {
    ...told,
    measuredConcurrency,
    projectedConcurrency: projected,
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
      ...searchLines(ladder.search, limit.bytes),
      ...(told.isAtLeast
        ? [`nothing above ${measuredConcurrency} was measured, and no more than ${reachTimes} times that is told`]
        : []),
    ],
    ...confidenceOf(ladder, slope, { ...told, measuredConcurrency }),
    perUnit: ladder.slopes.map(({ unit, bytes, lowerBytes, upperBytes }) => ({ unit, bytes, lowerBytes, upperBytes })),
  };
}

/** Of a leak no number is told, and of a search none that it did not confirm (PROTOCOL 3.8, 17.4). */
function whyNotTold({ search, cumulativeWhy, reuseUnseenWhy }: Ladder): string | null {
  if (search !== null && !isConfirmed(search)) {
    const { claim, why } = searchWords(search, null);
    return `${claim}: ${why}`;
  }
  return cumulativeWhy === null ? reuseUnseenWhy : `${cumulativeClaim}: ${cumulativeWhy}`;
}

/**
 * What a search confirmed under this limit, or a lower one that the same memory fits in. null: it has none, or the
 * limit is another one, for which the arithmetic is all there is.
 */
function searchedOf(
  search: SearchResult | null,
  limitBytes: number,
): Required<Pick<Capacity, 'safeConcurrency' | 'isAtLeast'>> | null {
  const { confirmedVus = null, limitBytes: ownBytes = null, steps = [] } = search ?? {};
  const peaks = steps.flatMap(({ vus, peakBytes }) => (vus === confirmedVus ? (peakBytes ?? []) : []));
  const isOwn = ownBytes !== null && limitBytes <= ownBytes && Math.max(...peaks) <= usableRatio * limitBytes;
  return confirmedVus !== null && isOwn ? { safeConcurrency: confirmedVus, isAtLeast: false } : null;
}

function searchLines(search: SearchResult | null, limitBytes: number): readonly string[] {
  return search !== null && searchedOf(search, limitBytes) !== null
    ? [`the search confirmed ${search.confirmedVus ?? 0} at once: ${searchWords(search, limitBytes).why}`]
    : [];
}

/** What was measured and held beats the line, what memory ended bounds it, and so does how far was measured. */
function toldOf(from: {
  projected: number | null;
  heldConcurrency: number;
  reach: number;
  cuts: readonly number[];
}): Required<Pick<Capacity, 'safeConcurrency' | 'isAtLeast'>> {
  const { projected, heldConcurrency, reach, cuts } = from;
  if (projected === null && cuts.length === 0) {
    return { safeConcurrency: null, isAtLeast: false };
  }
  const byMemory = Math.min(Math.max(projected ?? Number.POSITIVE_INFINITY, heldConcurrency), ...cuts);
  return { safeConcurrency: Math.min(byMemory, reach), isAtLeast: byMemory > reach };
}

/** Why more than the safe concurrency may fit, and what finds out; null: memory bounds it, or sets no bound. */
export function whyAtLeast({ isAtLeast, measuredConcurrency, projectedConcurrency }: Capacity): string | null {
  if (isAtLeast !== true) {
    return null;
  }
  const more =
    projectedConcurrency === null || projectedConcurrency === undefined
      ? 'memory did not grow with what was in flight, but'
      : `the arithmetic says ${projectedConcurrency}, but`;
  return `${more} nothing above ${measuredConcurrency ?? 1} was measured; run capacity-search to find it`;
}

/** Up to where a run without a bound by memory may be believed; null: it has one, or an older bench did not tell. */
export function unboundedUpTo({ safeConcurrency, measuredConcurrency }: Capacity): number | null {
  return safeConcurrency === null && measuredConcurrency !== undefined ? measuredConcurrency : null;
}

function basisOf({ leftOut }: Ladder, known: readonly LadderRung[]): string {
  const measured = known.map((rung) => `${rung.stage} ${requestsOf(rung).toFixed(1)}`).join(', ');
  const without = leftOut.map(({ stage, why }) => `${stage} (${why})`).join(', ');
  return `${levels(known.length)} of load, ${measured} in flight${without === '' ? '' : `; left out: ${without}`}`;
}

function confidenceOf(
  ladder: Ladder,
  slope: Ladder['slopes'][number],
  { isAtLeast, measuredConcurrency }: { isAtLeast: boolean; measuredConcurrency: number },
): Pick<Capacity, 'confidence' | 'confidenceWhy'> {
  // A number that a search confirmed rests on its repeat; memory that stays and is used again does not shake it.
  if (!ladder.isBaseSteady && ladder.search === null) {
    return {
      confidence: 'low',
      confidenceWhy:
        'memory did not go back to its base between the levels, and no level was repeated to tell a leak from an allocator',
    };
  }
  if (slope.isSuperlinear) {
    return { confidence: 'low', confidenceWhy: 'the higher levels cost more per request than the lower ones' };
  }
  if (slope.points < mediumPoints) {
    return { confidence: 'low', confidenceWhy: `a line through ${slope.points} points; measure more levels` };
  }
  if (isAtLeast) {
    return { confidence: 'low', confidenceWhy: `at most ${measuredConcurrency} at once were measured` };
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
