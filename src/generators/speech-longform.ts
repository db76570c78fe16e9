import { z } from 'zod';
import { identityCount } from '../base/audio-frames.ts';
import { nearestName } from '../base/by-id.ts';
import { BenchError } from '../base/errors.ts';
import type { CorpusGenerator, CorpusItem } from '../model/corpus.ts';
import { type ClipShape, clipBytes, clipChunks, clipTranscript } from './speech/clip.ts';
import { orderLengths, planLengths, shapeForMean } from './speech/lengths.ts';

/** Ten hours at 48 kHz still fit the 32-bit sizes of a WAV header. */
const longestSeconds = 36_000;
/** Header slot and one word. */
const shortestSeconds = 0.8;
const lengthSeconds = z.number().min(shortestSeconds).max(longestSeconds);

export const speechLongformParams = z.strictObject({
  sampleRate: z.literal([8000, 16_000, 48_000]).describe('Hz; 16 bit mono'),
  by: z.literal('seconds').describe('What the buckets count'),
  buckets: z
    .array(
      z.strictObject({
        from: lengthSeconds.describe('Shortest clip in seconds'),
        to: lengthSeconds.describe('Longest clip in seconds'),
        share: z.number().positive().max(1).describe('Share of the clips, 0..1; all shares add up to 1'),
      }),
    )
    .min(1),
  meanSeconds: lengthSeconds.optional().describe('Mean length that the clips are bent to, within their buckets'),
  order: z.enum(['shuffled', 'interleaved']).default('shuffled').describe('interleaved: every prefix has the shares'),
});
type Params = z.infer<typeof speechLongformParams>;

const knownKeys = [...Object.keys(speechLongformParams.shape), 'from', 'to', 'share'];

function invalid(place: string, path: readonly PropertyKey[], what: string, hint: string): BenchError {
  return new BenchError('RECIPE_INVALID', `${[place, ...path.map(String)].join('.')}: ${what}`, { hint });
}

function parseParams(params: unknown, place: string): Params {
  const parsed = speechLongformParams.safeParse(params);
  if (!parsed.success) {
    const { issues } = parsed.error;
    const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
    const key = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : null;
    const near = key === null ? null : nearestName(key, knownKeys);
    throw invalid(
      place,
      issue?.path ?? [],
      key === null ? `${issue?.message ?? 'is invalid'}.` : `there is no parameter "${key}".`,
      near === null ? 'corpora/README.md lists the parameters of this generator.' : `Did you mean "${near}"?`,
    );
  }
  const { buckets } = parsed.data;
  const sum = buckets.reduce((all, { share }) => all + share, 0);
  if (Math.abs(sum - 1) > 1e-9) {
    throw invalid(
      place,
      ['buckets'],
      `the shares add up to ${Number(sum.toPrecision(12))}, not 1.`,
      'Change the shares so that they add up to exactly 1.',
    );
  }
  const reversed = buckets.findIndex(({ from, to }) => from > to);
  if (reversed >= 0) {
    throw invalid(place, ['buckets', reversed], '`from` is above `to`.', 'Swap the two.');
  }
  return parsed.data;
}

function shapeOf(plan: ReturnType<typeof planLengths>, params: Params, place: string): number {
  if (params.meanSeconds === undefined) {
    return 1;
  }
  const met = shapeForMean(plan, params.meanSeconds);
  if ('shape' in met) {
    return met.shape;
  }
  throw invalid(
    place,
    ['meanSeconds'],
    `these buckets cannot have a mean of ${params.meanSeconds} s.`,
    `Choose a mean between ${met.leastSeconds.toFixed(2)} s and ${met.mostSeconds.toFixed(2)} s, or move the buckets.`,
  );
}

function createItem(corpus: string, index: number, shape: ClipShape): CorpusItem {
  const number = String(index).padStart(5, '0');
  return {
    id: `${corpus}/${number}`,
    bytes: clipBytes(shape),
    sha256: null,
    mediaType: 'audio/wav',
    fileName: `${corpus}-${number}.wav`,
    content: 'code',
    traits: { audioSeconds: shape.samples / shape.sampleRate },
    truth: {
      // A getter, since eight hours hold 65,535 words and most items are never asked.
      get tokens() {
        return clipTranscript(shape);
      },
    },
    chunks: (range) => clipChunks(shape, range),
  };
}

/** WAV clips of speech-like sound with a planted, decodable word every 400 ms (tones, not speech). */
export const speechLongform: CorpusGenerator = {
  id: 'speech-longform',
  title: 'Long audio with a planted transcript',
  version: 1,
  items(params, { name, count, random, place }) {
    const parsed = parseParams(params, place);
    const plan = planLengths(parsed.buckets, count, random.fork('lengths'));
    const lengths = orderLengths(plan.seconds(shapeOf(plan, parsed, place)), parsed.order, random.fork('order'));
    const firstIdentity = random.fork('identity').below(identityCount);
    const keys = random.fork('keys');
    return lengths.map((seconds, index) =>
      createItem(name, index, {
        sampleRate: parsed.sampleRate,
        samples: Math.floor(seconds * parsed.sampleRate + 0.5),
        id: (firstIdentity + index) % identityCount,
        wordKey: keys.uint32(),
        soundKey: keys.uint32(),
      }),
    );
  },
};
