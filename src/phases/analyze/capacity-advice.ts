import { formatBytes } from '../../base/units.ts';
import { isHeld, limitFor, reachTimes, unboundedUpTo, whyAtLeast } from '../../computed/capacity.ts';
import type { LoadUnit } from '../../model/artifacts.ts';
import type { Capacity } from '../../model/capacity.ts';

/** Settings that keep a server within its memory, from what one run measured. */
export interface CapacityAdvice {
  /** null: memory sets no bound that was seen. */
  concurrency: number | null;
  /** For a worker that fetches its own work: it holds batch x (prefetch + 1) items at once. */
  batch: number | null;
  prefetch: number | null;
  /** For as many at once as `forConcurrency`. */
  memoryLimitBytes: number;
  forConcurrency: number;
  /** Whether so many at once are known to fit under the limit. */
  fits: boolean;
  /** Memory may have room for so many, but nothing near it was measured. */
  isBeyondMeasured: boolean;
}

/** `wanted` null: as many as are safe, at least one; as many as the run asked for where memory sets no bound. */
export function adviceFor(capacity: Capacity, wanted: number | null): CapacityAdvice {
  const { safeConcurrency } = capacity;
  const forConcurrency =
    wanted ?? (safeConcurrency === null ? capacity.askedConcurrency : Math.max(1, safeConcurrency));
  const isRoomy = safeConcurrency !== null && safeConcurrency >= 2;
  const knownTo = safeConcurrency ?? reachTimes * (unboundedUpTo(capacity) ?? Number.POSITIVE_INFINITY);
  const fits = forConcurrency <= knownTo || isHeld(capacity, forConcurrency);
  return {
    concurrency: safeConcurrency,
    // One batch in work and one fetched ahead; with room for one item there is nothing to fetch ahead.
    batch: safeConcurrency === null ? null : isRoomy ? safeConcurrency >> 1 : Math.min(1, safeConcurrency),
    prefetch: safeConcurrency === null ? null : isRoomy ? 1 : 0,
    // What is known to fit needs no more than the limit that it fits under, whatever the line says.
    memoryLimitBytes: Math.min(
      limitFor(capacity, forConcurrency),
      fits && safeConcurrency !== null ? capacity.limitBytes : Number.POSITIVE_INFINITY,
    ),
    forConcurrency,
    fits,
    isBeyondMeasured: !fits && (safeConcurrency === null || capacity.isAtLeast === true),
  };
}

const unitWords: Readonly<Record<LoadUnit, string>> = {
  requests: 'request',
  bytes: 'byte sent',
  audioSeconds: 'second of audio',
  megapixels: 'megapixel',
};

/** More memory for a byte sent than this is not caused by the bytes: the items are small, and the request costs it. */
const largestPerByte = 1024;

/** What `bench capacity` prints, a line each; `fetchesWork`: the target takes its work from us, in batches. */
export function capacityLines(
  capacity: Capacity,
  advice: CapacityAdvice,
  { fetchesWork }: { fetchesWork: boolean },
): readonly string[] {
  const row = (name: string, text: string): string => `${name.padEnd(20)} ${text}`;
  return [
    row('safe concurrency', safeWords(capacity)),
    row('confidence', `${capacity.confidence}: ${capacity.confidenceWhy}`),
    row('measured', capacity.basis),
    '',
    'memory in flight, with its range',
    ...capacity.perUnit
      .filter(({ unit, bytes }) => unit !== 'bytes' || bytes <= largestPerByte)
      .map(({ unit, bytes, lowerBytes, upperBytes }) =>
        row(
          `  per ${unitWords[unit]}`,
          `${formatBytes(bytes)} (${formatBytes(lowerBytes)} to ${formatBytes(upperBytes)})`,
        ),
      ),
    '',
    'arithmetic',
    ...capacity.arithmetic.map((line) => `  ${line}`),
    '',
    'recommended',
    row('  concurrency', recommendedWords(capacity)),
    ...(!fetchesWork || advice.batch === null || advice.prefetch === null
      ? []
      : [
          row(
            '  batch, prefetch',
            `${advice.batch}, ${advice.prefetch} for a worker that fetches its own work: it holds batch x (prefetch + 1)`,
          ),
        ]),
    row(
      '  memory limit',
      `${formatBytes(advice.memoryLimitBytes)} for ${advice.forConcurrency} at once${doubtOf(capacity, advice)}`,
    ),
  ];
}

function safeWords(capacity: Capacity): string {
  const { safeConcurrency } = capacity;
  if (safeConcurrency === null) {
    const upTo = unboundedUpTo(capacity);
    return `no bound by memory was found${upTo === null ? '' : ` up to ${upTo} at once; nothing above was measured`}`;
  }
  const why = whyAtLeast(capacity);
  const some = `${safeConcurrency} ${safeConcurrency === 1 ? 'request' : 'requests'} at once`;
  return why === null ? some : `at least ${some}; ${why}`;
}

function recommendedWords(capacity: Capacity): string {
  const { safeConcurrency } = capacity;
  if (safeConcurrency !== null) {
    return String(safeConcurrency);
  }
  const upTo = unboundedUpTo(capacity);
  return `not bound by memory${upTo === null ? '' : `, as far as measured: ${upTo} at once`}`;
}

function doubtOf({ limitBytes, measuredConcurrency }: Capacity, advice: CapacityAdvice): string {
  if (advice.fits) {
    return '';
  }
  return advice.isBeyondMeasured
    ? `, by arithmetic alone: nothing above ${measuredConcurrency ?? 1} was measured`
    : `, which ${advice.forConcurrency === 1 ? 'does' : 'do'} not fit under ${formatBytes(limitBytes)}`;
}
