import { z } from 'zod';
import type { CorpusItem, GeneratorContext } from '../../model/corpus.ts';
import { bucketSchema, countsOf, refuseReversed } from '../distribution/buckets.ts';
import { orderItems, planQuantities } from '../distribution/quantities.ts';
import { invalidParam } from '../params/parse-params.ts';
import { sentenceTokens } from './filler.ts';
import {
  codeWord,
  fillerFor,
  leastPromptTokens,
  type PromptShape,
  promptBytes,
  promptChunks,
  promptTokens,
} from './prompt.ts';

/** Longer than any context window in use. */
const mostTokens = 2_000_000;
const tokens = z.int().min(leastPromptTokens).max(mostTokens);

export const promptShapeParams = {
  by: z.literal('tokens').describe('What the buckets count: tokens, estimated as one for each word and full stop'),
  buckets: z.array(bucketSchema(tokens, 'tokens')).min(1),
  sharedPrefixTokens: z
    .int()
    .min(0)
    .max(mostTokens)
    .default(0)
    .describe('Tokens that all prompts begin with, to fill a prefix cache; 0: each begins with words of its own'),
  order: z.enum(['shuffled', 'interleaved']).default('shuffled').describe('interleaved: every prefix has the shares'),
};
const promptParams = z.strictObject(promptShapeParams);
type PromptParams = z.output<typeof promptParams>;

// Multiplying by an odd number is a bijection modulo 2^24, so up to 16.7 million prompts share no code word.
const codeSpace = 0xff_ffff;
const answerStep = 0x9e3779;
const saltStep = 0x5bd1e9;

function refuseShort(params: PromptParams, sharedTokens: number, place: string): void {
  const least = leastPromptTokens + sharedTokens;
  const short = params.buckets.findIndex(({ from }) => from < least);
  if (short >= 0) {
    throw invalidParam(
      place,
      ['buckets', short, 'from'],
      `a prompt with a shared prefix of ${sharedTokens} tokens has at least ${least}.`,
      `Write "from: ${least}" or more, or shorten \`sharedPrefixTokens\`.`,
    );
  }
}

/** One prompt for each item of the corpus, with the shares of the buckets. Throws RECIPE_INVALID. */
export function planPrompts(params: PromptParams, { count, random, place }: GeneratorContext): PromptShape[] {
  const counts = countsOf(params.buckets, count, place, 'buckets');
  refuseReversed(params.buckets, place, 'buckets');
  const sharedSentences = Math.floor(params.sharedPrefixTokens / sentenceTokens + 0.5);
  refuseShort(params, sharedSentences * sentenceTokens, place);
  const plan = planQuantities(params.buckets, counts, random.fork('lengths'));
  const lengths = orderItems(plan.values(1), params.order, random.fork('order'));
  const firstAnswer = random.fork('answer').uint32();
  const firstSalt = random.fork('salt').uint32();
  const sharedKey = random.fork('shared').uint32();
  const keys = random.fork('keys');
  const needles = random.fork('needles');
  return lengths.map((length, index) => {
    const { fillerTokens, sentences } = fillerFor(Math.floor(length + 0.5), sharedSentences);
    return {
      sharedSentences,
      sharedKey,
      salt: (firstSalt + Math.imul(index, saltStep)) & codeSpace,
      answer: (firstAnswer + Math.imul(index, answerStep)) & codeSpace,
      fillerKey: keys.uint32(),
      fillerTokens,
      sentencesBefore: needles.below(sentences + 1),
    };
  });
}

/** The prompt alone; what goes along with it is the caller's. */
export function promptItem(corpus: string, index: number, shape: PromptShape): CorpusItem {
  const number = String(index).padStart(5, '0');
  const bytes = promptBytes(shape);
  return {
    id: `${corpus}/${number}`,
    bytes,
    sha256: null,
    mediaType: 'text/plain',
    fileName: `${corpus}-${number}.txt`,
    content: 'code',
    traits: { estimatedTokens: promptTokens(shape), characters: bytes },
    truth: { answer: codeWord(shape.answer) },
    attachments: [],
    chunks: (range) => promptChunks(shape, range),
  };
}
