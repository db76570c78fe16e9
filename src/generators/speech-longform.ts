import { z } from 'zod';
import { identityCount } from '../base/audio-frames.ts';
import type { CorpusGenerator, CorpusItem } from '../model/corpus.ts';
import { bucketSchema, countsOf, refuseReversed } from './distribution/buckets.ts';
import { orderItems, planQuantities, shapeForMean } from './distribution/quantities.ts';
import { invalidParam, parseParams } from './params/parse-params.ts';
import { type ClipShape, clipBytes, clipChunks, clipTranscript } from './speech/clip.ts';

/** Ten hours at 48 kHz still fit the 32-bit sizes of a WAV header. */
const longestSeconds = 36_000;
/** Header slot and one word. */
const shortestSeconds = 0.8;
const lengthSeconds = z.number().min(shortestSeconds).max(longestSeconds);

export const speechLongformParams = z.strictObject({
  sampleRate: z.literal([8000, 16_000, 48_000]).describe('Hz; 16 bit mono'),
  by: z.literal('seconds').describe('What the buckets count'),
  buckets: z.array(bucketSchema(lengthSeconds, 'seconds')).min(1),
  meanSeconds: lengthSeconds.optional().describe('Mean length that the clips are bent to, within their buckets'),
  order: z.enum(['shuffled', 'interleaved']).default('shuffled').describe('interleaved: every prefix has the shares'),
});
type Params = z.infer<typeof speechLongformParams>;

function shapeOf(plan: ReturnType<typeof planQuantities>, params: Params, place: string): number {
  if (params.meanSeconds === undefined) {
    return 1;
  }
  const met = shapeForMean(plan, params.meanSeconds);
  if ('shape' in met) {
    return met.shape;
  }
  throw invalidParam(
    place,
    ['meanSeconds'],
    `these buckets cannot have a mean of ${params.meanSeconds} s.`,
    `Choose a mean between ${met.least.toFixed(2)} s and ${met.most.toFixed(2)} s, or move the buckets.`,
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
    attachments: [],
    chunks: (range) => clipChunks(shape, range),
  };
}

/** WAV clips of speech-like sound with a planted, decodable word every 400 ms (tones, not speech). */
export const speechLongform: CorpusGenerator = {
  id: 'speech-longform',
  title: 'Long audio with a planted transcript',
  version: 1,
  params: speechLongformParams,
  items(params, { name, count, random, place }) {
    const parsed = parseParams(speechLongformParams, params, place);
    const counts = countsOf(parsed.buckets, count, place, 'buckets');
    refuseReversed(parsed.buckets, place, 'buckets');
    const plan = planQuantities(parsed.buckets, counts, random.fork('lengths'));
    const lengths = orderItems(plan.values(shapeOf(plan, parsed, place)), parsed.order, random.fork('order'));
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
