import { z } from 'zod';
import { BenchError } from '../../base/errors.ts';
import type { CorpusGenerator } from '../../model/corpus.ts';
import { parseRecipe } from '../../model/parse-recipe.ts';
import { openCorpus } from '../corpus/open-corpus.ts';
import { bucketsOf, drawnIn } from '../fit/buckets.ts';
import { bucketIndexOf, meanOf } from '../fit/draft.ts';

const bentParts = 24;
const portion = { share: z.number().optional(), count: z.number().optional() };
/** What the generators of audio have in common; whether it is right was checked by the generator itself. */
const audioParams = z.object({
  sampleRate: z.number(),
  by: z.enum(['seconds', 'bytes']),
  encoding: z.enum(['pcm16', 'mulaw']).default('pcm16'),
  order: z.enum(['shuffled', 'interleaved']).default('shuffled'),
  buckets: z.array(z.object({ from: z.number(), to: z.number(), ...portion })),
  meanSeconds: z.number().optional(),
  meanBytes: z.number().optional(),
  totalSeconds: z.number().optional(),
  totalBytes: z.number().optional(),
});
type AudioParams = z.output<typeof audioParams>;

/** A distribution of lengths that another corpus has. */
export interface TargetShape {
  name: string;
  count: number;
  sampleRate: number;
  order: AudioParams['order'];
  /** In seconds. */
  buckets: readonly { from: number; to: number; share?: number | undefined; count?: number | undefined }[];
  /** Seconds of each item. */
  lengths: number[];
}

/** Bytes of a header and of a second, by how the samples are written. */
const layouts = { pcm16: { header: 44, sample: 2 }, mulaw: { header: 58, sample: 1 } } as const;

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function secondsOf(value: number, { by, encoding, sampleRate }: AudioParams): number {
  const { header, sample } = layouts[encoding];
  const seconds = by === 'seconds' ? value : (value - header) / (sample * sampleRate);
  return milliseconds(seconds);
}

/** Lengths bent to a mean do not fill their buckets evenly, so they are cut anew, each part with its own mean. */
function bentBuckets(lengths: readonly number[]): TargetShape['buckets'] {
  const rules = { buckets: bentParts, leastFiles: 2, limits: { from: 0, to: Number.POSITIVE_INFINITY }, step: 0 };
  const buckets = bucketsOf(lengths, rules);
  return buckets.map((bucket, index) => {
    const held = lengths.filter((seconds) => bucketIndexOf(buckets, seconds) === index);
    const isLast = index === buckets.length - 1;
    const { from, to } = isLast ? bucket : drawnIn(bucket, meanOf(held));
    return { from: milliseconds(from), to: milliseconds(to), count: bucket.count };
  });
}

function isBent({ meanSeconds, meanBytes, totalSeconds, totalBytes }: AudioParams): boolean {
  return [meanSeconds, meanBytes, totalSeconds, totalBytes].some((value) => value !== undefined);
}

/** The lengths of a corpus of audio. Throws USAGE for a corpus of another kind. */
export function targetShapeOf(text: string, fileName: string, generators: readonly CorpusGenerator[]): TargetShape {
  const recipe = parseRecipe(text, fileName);
  const { items } = openCorpus(text, fileName, generators);
  const parsed = audioParams.safeParse(recipe.params);
  const lengths = items.flatMap(({ traits }) => traits['audioSeconds'] ?? []);
  if (!parsed.success || lengths.length < items.length) {
    throw new BenchError('USAGE', `--to ${recipe.name}: the corpus has no buckets of audio lengths.`, {
      hint: 'Choose a corpus of the generator speech-longform or speech-sentences.',
    });
  }
  const { sampleRate, order } = parsed.data;
  const plainBuckets = parsed.data.buckets.map((bucket) => ({
    ...bucket,
    from: secondsOf(bucket.from, parsed.data),
    to: secondsOf(bucket.to, parsed.data),
  }));
  return {
    name: recipe.name,
    count: recipe.count,
    sampleRate,
    order,
    buckets: isBent(parsed.data) ? bentBuckets(lengths) : plainBuckets,
    lengths,
  };
}
