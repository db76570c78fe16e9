import { z } from 'zod';
import { bucketSchema } from '../distribution/buckets.ts';
import { parseParams } from '../params/parse-params.ts';

/** Header slot and one word. */
export const shortestSeconds = 0.8;
/** Ten hours at 48 kHz still fit the 32-bit sizes of a WAV header. */
const longestSeconds = 36_000;
/** RIFF counts in 32 bits what follows its first eight bytes; sizes here are even. */
const longestBytes = 0xffff_fffe + 8;

const lengthSeconds = z.number().min(shortestSeconds).max(longestSeconds);
const lengthBytes = z.int().min(1).max(longestBytes);

const common = {
  sampleRate: z.literal([8000, 16_000, 48_000]).describe('Hz; mono'),
  encoding: z
    .enum(['pcm16', 'mulaw'])
    .default('pcm16')
    .describe('16-bit linear, or ITU-T G.711 mu-law at 8000 Hz with one byte for each sample'),
  order: z.enum(['shuffled', 'interleaved']).default('shuffled').describe('interleaved: every prefix has the shares'),
};

const bySeconds = z.strictObject({
  ...common,
  by: z.literal('seconds').describe('The buckets count seconds of audio'),
  buckets: z.array(bucketSchema(lengthSeconds, 'seconds')).min(1),
  meanSeconds: lengthSeconds.optional().describe('Mean length that the clips are bent to, within their buckets'),
  totalSeconds: z
    .number()
    .positive()
    .optional()
    .describe('Length of all clips together, met to the sample; instead of `meanSeconds`'),
});

const byBytes = z.strictObject({
  ...common,
  by: z.literal('bytes').describe('The buckets count bytes of the whole file, with its header'),
  buckets: z.array(bucketSchema(lengthBytes, 'bytes')).min(1),
  meanBytes: lengthBytes.optional().describe('Mean size that the clips are bent to, within their buckets'),
  totalBytes: z
    .int()
    .positive()
    .optional()
    .describe('Size of all clips together, met to the byte; instead of `meanBytes`'),
});

export const speechLongformParams = z.discriminatedUnion('by', [bySeconds, byBytes], {
  error: 'must be "seconds" or "bytes"',
});
export type SpeechLongformParams = z.infer<typeof speechLongformParams>;

/** Throws RECIPE_INVALID. One variant alone judges what it can, so that no hint names a key of the other one. */
export function parseSpeechParams(params: unknown, place: string): SpeechLongformParams {
  const isObject = params !== null && typeof params === 'object';
  const by = isObject && 'by' in params ? params.by : null;
  if (by === 'bytes') {
    return parseParams(byBytes, params, place);
  }
  return isObject && by !== 'seconds'
    ? parseParams(speechLongformParams, params, place)
    : parseParams(bySeconds, params, place);
}
