import { formatBytes } from '../../base/units.ts';
import { isHeld, limitFor } from '../../computed/capacity.ts';
import type { LoadUnit } from '../../model/artifacts.ts';
import type { Capacity } from '../../model/result.ts';

/** Settings that keep a server within its memory, from what one run measured. */
export interface CapacityAdvice {
  /** null: memory sets no bound. */
  concurrency: number | null;
  /** For a worker that fetches its own work: it holds batch x (prefetch + 1) items at once. */
  batch: number | null;
  prefetch: number | null;
  /** For as many at once as `forConcurrency`. */
  memoryLimitBytes: number;
  forConcurrency: number;
  /** Whether so many at once fit under the limit. */
  fits: boolean;
}

/** `wanted` null: as many as are safe, at least one; as many as the run asked for where memory sets no bound. */
export function adviceFor(capacity: Capacity, wanted: number | null): CapacityAdvice {
  const { safeConcurrency } = capacity;
  const forConcurrency =
    wanted ?? (safeConcurrency === null ? capacity.askedConcurrency : Math.max(1, safeConcurrency));
  const isRoomy = safeConcurrency !== null && safeConcurrency >= 2;
  return {
    concurrency: safeConcurrency,
    // One batch in work and one fetched ahead; with room for one item there is nothing to fetch ahead.
    batch: safeConcurrency === null ? null : isRoomy ? safeConcurrency >> 1 : Math.min(1, safeConcurrency),
    prefetch: safeConcurrency === null ? null : isRoomy ? 1 : 0,
    memoryLimitBytes: limitFor(capacity, forConcurrency),
    forConcurrency,
    fits: safeConcurrency === null || forConcurrency <= safeConcurrency || isHeld(capacity, forConcurrency),
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
  const { safeConcurrency } = capacity;
  const safe =
    safeConcurrency === null
      ? 'no bound by memory was found'
      : `${safeConcurrency} ${safeConcurrency === 1 ? 'request' : 'requests'} at once`;
  const row = (name: string, text: string): string => `${name.padEnd(20)} ${text}`;
  return [
    row('safe concurrency', safe),
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
    row('  concurrency', safeConcurrency === null ? 'not bound by memory' : String(safeConcurrency)),
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
      `${formatBytes(advice.memoryLimitBytes)} for ${advice.forConcurrency} at once${advice.fits ? '' : `, which ${advice.forConcurrency === 1 ? 'does' : 'do'} not fit under ${formatBytes(capacity.limitBytes)}`}`,
    ),
  ];
}
