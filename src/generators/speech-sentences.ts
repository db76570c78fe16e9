import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { CorpusGenerator, CorpusItem, GeneratorContext } from '../model/corpus.ts';
import { bucketSchema, countsOf, refuseReversed } from './distribution/buckets.ts';
import { orderItems, planQuantities } from './distribution/quantities.ts';
import { invalidParam, parseParams } from './params/parse-params.ts';
import { type BankPlaces, recordedBank, type SentenceBank, synthesisedBank } from './sentences/bank.ts';
import { type ClipShape, clipBytes, clipChunks, clipText, leastClipSeconds } from './sentences/clip.ts';
import { fliteVoices, locateFlite } from './sentences/flite.ts';

/** Ten hours at 48 kHz still fit the 32-bit sizes of a WAV header. */
const longestSeconds = 36_000;
const longestGapSeconds = 60;
const lengthSeconds = z.number().positive().max(longestSeconds);
const gapLength = z.number().min(0).max(longestGapSeconds);

const bankSchema = z
  .strictObject({
    engine: z.literal('flite').optional().describe('Synthesises the sentences that come with the generator'),
    voices: z
      .array(z.enum(fliteVoices))
      .min(1)
      .optional()
      .describe('Voices of the engine, which take the sentences in turns; all of 16 kHz if left out'),
    folder: z
      .string()
      .min(1)
      .optional()
      .describe('Own recordings instead: WAV or FLAC with transcripts, by the recipe'),
  })
  .describe('Where the utterances come from: an engine or a folder');

export const speechSentencesParams = z.strictObject({
  sampleRate: z.literal([8000, 16_000, 24_000, 44_100, 48_000]).describe('Hz; 16 bit mono'),
  by: z.literal('seconds').describe('What the buckets count'),
  buckets: z.array(bucketSchema(lengthSeconds, 'seconds')).min(1),
  gapSeconds: z
    .strictObject({ from: gapLength.describe('Least'), to: gapLength.describe('Most') })
    .default({ from: 0.2, to: 0.9 })
    .describe('Pauses between utterances'),
  order: z.enum(['shuffled', 'interleaved']).default('shuffled').describe('interleaved: every prefix has the shares'),
  bank: bankSchema,
});
type Params = z.infer<typeof speechSentencesParams>;

function openBank({ bank, sampleRate }: Params, places: BankPlaces, { place, folder }: GeneratorContext): SentenceBank {
  if ((bank.engine === undefined) === (bank.folder === undefined)) {
    throw invalidParam(place, ['bank'], 'needs an `engine` or a `folder`.', 'Write "engine: flite", or name a folder.');
  }
  if (bank.folder === undefined) {
    return synthesisedBank(bank.voices ?? ['kal16', 'awb', 'rms', 'slt'], sampleRate, places, place);
  }
  if (bank.voices !== undefined) {
    throw invalidParam(place, ['bank', 'voices'], 'recordings have no voices to choose.', 'Remove the key.');
  }
  return recordedBank(resolve(folder, bank.folder), sampleRate, places, place);
}

/** Every clip must say something, or nothing proves that it was heard. */
function refuseSilent(bank: SentenceBank, { buckets, sampleRate }: Params, place: string): void {
  const shortest = bank.utterances.reduce((least, { pcm }) => Math.min(least, pcm.length), Number.POSITIVE_INFINITY);
  const least = leastClipSeconds(shortest, sampleRate);
  const silent = buckets.findIndex(({ from }) => from < least);
  if (silent >= 0) {
    throw invalidParam(
      place,
      ['buckets', silent, 'from'],
      `${buckets[silent]?.from} s are too short for any utterance of this bank.`,
      `Write ${(Math.ceil(least * 100) / 100).toFixed(2)} or more.`,
    );
  }
}

function createItem(corpus: string, index: number, shape: ClipShape, bank: SentenceBank): CorpusItem {
  const number = String(index).padStart(5, '0');
  return {
    id: `${corpus}/${number}`,
    bytes: clipBytes(shape),
    sha256: null,
    mediaType: 'audio/wav',
    fileName: `${corpus}-${number}.wav`,
    content: 'speech',
    traits: { audioSeconds: shape.samples / shape.sampleRate },
    truth: {
      // A getter, since long clips hold thousands of sentences and most items are never asked.
      get text() {
        return clipText(shape, bank);
      },
    },
    attachments: [],
    chunks: (range) => clipChunks(shape, bank, range),
  };
}

/** The generator with the places that it looks at outside. */
export function createSpeechSentences(places: BankPlaces): CorpusGenerator {
  return {
    id: 'speech-sentences',
    title: 'Speech with an exact transcript',
    version: 1,
    params: speechSentencesParams,
    items(params, context) {
      const { name, count, random, place } = context;
      const parsed = parseParams(speechSentencesParams, params, place);
      const counts = countsOf(parsed.buckets, count, place, 'buckets');
      refuseReversed(parsed.buckets, place, 'buckets');
      if (parsed.gapSeconds.from > parsed.gapSeconds.to) {
        throw invalidParam(place, ['gapSeconds'], '`from` is above `to`.', 'Swap the two.');
      }
      const bank = openBank(parsed, places, context);
      refuseSilent(bank, parsed, place);
      const plan = planQuantities(parsed.buckets, counts, random.fork('lengths'));
      const lengths = orderItems(plan.values(1), parsed.order, random.fork('order'));
      // With the bank's key, so that another recording changes every clip and thereby the corpus digest.
      const keys = random.fork(`keys/${bank.key}`);
      return lengths.map((seconds, index) =>
        createItem(
          name,
          index,
          {
            sampleRate: parsed.sampleRate,
            samples: Math.floor(seconds * parsed.sampleRate + 0.5),
            gapSeconds: parsed.gapSeconds,
            orderKey: keys.uint32(),
            soundKey: keys.uint32(),
          },
          bank,
        ),
      );
    },
  };
}

/** WAV clips of whole sentences, synthesised or recorded, with pauses of quiet noise. */
export const speechSentences: CorpusGenerator = createSpeechSentences({
  engineFile: locateFlite,
  cacheFolder: join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'headroom'),
});
