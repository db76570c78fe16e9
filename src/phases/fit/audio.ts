import { groupedDigits } from '../../base/grouped-digits.ts';
import { formatDuration } from '../../base/units.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { type Bucket, bucketsOf, type Range } from './buckets.ts';
import { bucketsHolding, clampAll, type DraftRules, type FitDraft, leastFilesFor, meanOf, portionOf } from './draft.ts';
import { type BytesOf, possibleRange } from './possible.ts';
import { roundNear } from './rounding.ts';
import type { Sample } from './sample.ts';

type AudioSample = Extract<Sample, { kind: 'audio' }>;

const usualBuckets = 16;
const mostTries = 40;
const bytesPerSample = 2;
/** Seconds that every generator of audio can make. */
const possibleSeconds = 60;
const madeRates = [8000, 16_000, 48_000] as const;
const usualRate = 16_000;
const lowestRate = 8000;
/** More files than these made longer would bend the distribution. */
const mostShortShare = 0.01;

/** The lengths or sizes that `speech-longform` can make. */
function limitsOf(by: AudioSample['by'], sampleRate: number, bytesOf: BytesOf): Range {
  // Milliseconds, or samples of two bytes, so that possible values lie side by side.
  const unit = by === 'seconds' ? 0.001 : bytesPerSample;
  const known = by === 'seconds' ? possibleSeconds * 1000 : possibleSeconds * sampleRate;
  const { from, to } = possibleRange(known, (value) => {
    const length = Number((value * unit).toPrecision(12));
    return bytesOf({ sampleRate, by, buckets: [{ from: length, to: length, count: 1 }] }) !== null;
  });
  return { from: Number((from * unit).toPrecision(12)), to: Number((to * unit).toPrecision(12)) };
}

/** The rate nearest in ratio, as pitch is heard. */
function nearestRate(sampleRate: number): number {
  const distance = (rate: number): number => Math.max(rate / sampleRate, sampleRate / rate);
  return [...madeRates].sort((a, b) => distance(a) - distance(b))[0] ?? usualRate;
}

/** The usual rate, unless too many files are too small for a word at it. */
function rateForSizes(sizes: readonly number[], bytesOf: BytesOf): number {
  const { from } = limitsOf('bytes', usualRate, bytesOf);
  const short = sizes.filter((bytes) => bytes < from).length;
  return short > sizes.length * mostShortShare ? lowestRate : usualRate;
}

function rateOf({ by, values, sampleRate }: AudioSample, bytesOf: BytesOf): number {
  if (sampleRate !== null) {
    return nearestRate(sampleRate);
  }
  return by === 'bytes' ? rateForSizes(values, bytesOf) : usualRate;
}

function rateNote({ by, sampleRate }: AudioSample, rate: number): string[] {
  if (sampleRate === null) {
    const effect = by === 'bytes' ? `, so ${groupedDigits(rate * bytesPerSample)} bytes are a second` : '';
    return [`The source gives no sample rate: the recipe says ${rate} Hz${effect}. Edit sampleRate if that is wrong.`];
  }
  return sampleRate === rate
    ? []
    : [`Most of the files have ${sampleRate} Hz; the recipe has ${rate} Hz, the nearest there is.`];
}

function textOf(by: AudioSample['by'], value: number): string {
  return by === 'seconds' ? formatDuration(value * 1000) : `${groupedDigits(value)} B`;
}

function paramsOf(by: AudioSample['by'], rate: number, buckets: readonly Bucket[], total: number, rules: DraftRules) {
  return {
    sampleRate: rate,
    by,
    order: 'interleaved',
    buckets: buckets.map(({ from, to, count }) => ({ from, to, ...portionOf(count, total, rules) })),
  };
}

/** Bent to the mean of the source, so that both have the same work; the mean of one or two files would be theirs. */
function withMean(
  values: readonly number[],
  by: AudioSample['by'],
  params: object,
): Readonly<Record<string, unknown>>[] {
  const key = by === 'seconds' ? 'meanSeconds' : 'meanBytes';
  return values.length < 3 ? [] : [{ ...params, [key]: roundNear(meanOf(values), 3) }];
}

/** Lengths or sizes of audio as a recipe of `speech-longform`, bent to the mean of the source. */
export function draftAudio(sample: AudioSample, rules: DraftRules, bytesOf: BytesOf): FitDraft {
  const { by } = sample;
  const rate = rateOf(sample, bytesOf);
  const limits = limitsOf(by, rate, bytesOf);
  const { values, notes } = clampAll(
    // Samples have two bytes behind an even header.
    by === 'seconds' ? sample.values : sample.values.map((bytes) => 2 * Math.round(bytes / 2)),
    limits,
    (value) => textOf(by, value),
  );
  const buckets = bucketsOf(values, {
    buckets: rules.buckets ?? usualBuckets,
    leastFiles: leastFilesFor(values.length, rules),
    limits,
    step: 0,
  });
  const params = paramsOf(by, rate, buckets, values.length, rules);
  const ofItem = (item: CorpusItem): number => (by === 'seconds' ? (item.traits['audioSeconds'] ?? 0) : item.bytes);
  return {
    title: `Audio of ${textOf(by, buckets[0]?.from ?? 0)} to ${textOf(by, buckets.at(-1)?.to ?? 0)}, fitted to lengths that were seen`,
    generator: 'speech-longform',
    variants: [...withMean(values, by, params), params],
    parts: buckets.map(({ from, to, count }) => ({
      label: `${textOf(by, from)} – ${textOf(by, to)}`,
      sourceCount: count,
    })),
    partsHolding: (item) => bucketsHolding(buckets, ofItem(item), by === 'seconds' ? 1 / rate : 0),
    measures: [{ title: by === 'seconds' ? 'length' : 'size', unit: by, source: sample.values, ofItem }],
    notes: [...rateNote(sample, rate), ...notes],
    mostTries,
  };
}
