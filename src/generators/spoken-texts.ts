import { z } from 'zod';
import type { CorpusGenerator, CorpusItem } from '../model/corpus.ts';
import { bucketSchema, countsOf, refuseReversed } from './distribution/buckets.ts';
import { orderItems, planQuantities } from './distribution/quantities.ts';
import { invalidParam, parseParams } from './params/parse-params.ts';
import { leastCharacters, type SpokenShape, spokenText } from './texts/spoken-text.ts';

const mostCharacters = 100_000;
const characters = z.int().min(leastCharacters(1)).max(mostCharacters);

export const spokenTextsParams = z.strictObject({
  by: z.literal('characters').describe('What the buckets count'),
  buckets: z.array(bucketSchema(characters, 'characters')).min(1),
  order: z.enum(['shuffled', 'interleaved']).default('shuffled').describe('interleaved: every prefix has the shares'),
});

function createItem(corpus: string, shape: SpokenShape): CorpusItem {
  const number = String(shape.index).padStart(5, '0');
  return {
    id: `${corpus}/${number}`,
    bytes: shape.characters,
    sha256: null,
    mediaType: 'text/plain',
    fileName: `${corpus}-${number}.txt`,
    content: 'speech',
    traits: { characters: shape.characters },
    truth: {},
    attachments: [],
    *chunks(range) {
      yield Buffer.from(spokenText(shape), 'latin1').subarray(range?.start ?? 0, range?.end);
    },
  };
}

/** Texts for a voice: plain sentences that begin with the text's own number, to the exact character. */
export const spokenTexts: CorpusGenerator = {
  id: 'spoken-texts',
  title: 'Texts to be spoken, of given length',
  version: 1,
  params: spokenTextsParams,
  items(params, { name, count, random, place }) {
    const parsed = parseParams(spokenTextsParams, params, place);
    const counts = countsOf(parsed.buckets, count, place, 'buckets');
    refuseReversed(parsed.buckets, place, 'buckets');
    const digits = String(count - 1).length;
    const least = leastCharacters(digits);
    const short = parsed.buckets.findIndex(({ from }) => from < least);
    if (short >= 0) {
      throw invalidParam(
        place,
        ['buckets', short, 'from'],
        `a text of ${count} that all differ has at least ${least} characters.`,
        `Write "from: ${least}" or more, or lower the corpus's \`count\`.`,
      );
    }
    const plan = planQuantities(parsed.buckets, counts, random.fork('lengths'));
    const lengths = orderItems(plan.values(1), parsed.order, random.fork('order'));
    const keys = random.fork('keys');
    return lengths.map((length, index) =>
      createItem(name, { index, digits, key: keys.uint32(), characters: Math.floor(length + 0.5) }),
    );
  },
};
