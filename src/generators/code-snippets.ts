import { z } from 'zod';
import type { CorpusGenerator, CorpusItem } from '../model/corpus.ts';
import { countsOf, portionShape, refuseReversed } from './distribution/buckets.ts';
import { orderItems, planQuantities } from './distribution/quantities.ts';
import { invalidParam, parseParams } from './params/parse-params.ts';
import { lcgSnippet, sieveSnippet, sortSnippet } from './snippets/arithmetic.ts';
import { allocateSnippet, forkSnippet, pageBytes } from './snippets/memory.ts';
import { floodLineBytes, floodSnippet, sleepSnippet } from './snippets/output.ts';
import { leastSalt, type Snippet, saltCount } from './snippets/snippet.ts';

const mib = 1024 * 1024;
/** No snippet takes more, whatever a recipe says: a typing error must not take down the machine. */
const mostBytes = 4096 * mib;
const longestHoldSeconds = 20;

function range(least: number, most: number, what: string) {
  const quantity = z.number().min(least).max(most);
  return z.strictObject({ from: quantity, to: quantity }).describe(what);
}

const hold = z.number().min(0).max(longestHoldSeconds).default(0).describe('Seconds until the memory is let go');

const kinds = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lcg'), rounds: range(1, 2e6, 'Steps of arithmetic'), ...portionShape }),
  z.strictObject({ kind: z.literal('sort'), length: range(1, 2e5, 'Numbers that are sorted'), ...portionShape }),
  z.strictObject({ kind: z.literal('sieve'), below: range(10, 2e6, 'Primes below this are found'), ...portionShape }),
  z.strictObject({
    kind: z.literal('allocate'),
    allocateBytes: range(pageBytes, 2048 * mib, 'Bytes, all of them resident'),
    holdSeconds: hold,
    ...portionShape,
  }),
  z.strictObject({
    kind: z.literal('fork'),
    children: z.int().min(1).max(16).describe('Processes that the snippet starts; needs a sandbox that allows `os`'),
    allocateBytes: range(pageBytes, 1024 * mib, 'Bytes of each child; all children together 4 GiB at most'),
    holdSeconds: hold,
    ...portionShape,
  }),
  z.strictObject({
    kind: z.literal('flood-stdout'),
    stdoutBytes: range(floodLineBytes, 1024 * mib, 'Bytes, rounded to lines of 1 KiB'),
    ...portionShape,
  }),
  z.strictObject({
    kind: z.literal('sleep'),
    seconds: range(0, longestHoldSeconds, 'Seconds; needs a sandbox that allows `time`'),
    ...portionShape,
  }),
]);
type Kind = z.output<typeof kinds>;

export const codeSnippetsParams = z.strictObject({
  snippets: z.array(kinds).min(1),
  order: z.enum(['shuffled', 'interleaved']).default('shuffled').describe('interleaved: every prefix has the shares'),
});

/** The range of the one quantity in which the items of a kind differ. */
function rangeOf(kind: Kind): { from: number; to: number } {
  switch (kind.kind) {
    case 'lcg':
      return kind.rounds;
    case 'sort':
      return kind.length;
    case 'sieve':
      return kind.below;
    case 'allocate':
    case 'fork':
      return kind.allocateBytes;
    case 'flood-stdout':
      return kind.stdoutBytes;
    case 'sleep':
      return kind.seconds;
  }
}

function snippetOf(kind: Kind, quantity: number, salt: number): Snippet {
  const whole = Math.floor(quantity + 0.5);
  switch (kind.kind) {
    case 'lcg':
      return lcgSnippet(salt, whole);
    case 'sort':
      return sortSnippet(salt, whole);
    case 'sieve':
      return sieveSnippet(salt, whole);
    case 'allocate':
      return allocateSnippet(salt, whole, Math.floor(kind.holdSeconds * 1000));
    case 'fork':
      return forkSnippet(salt, whole, { children: kind.children, holdMs: Math.floor(kind.holdSeconds * 1000) });
    case 'flood-stdout':
      return floodSnippet(salt, Math.max(1, Math.floor(quantity / floodLineBytes + 0.5)));
    case 'sleep':
      return sleepSnippet(salt, Math.floor(quantity * 1000 + 0.5));
  }
}

function createItem(corpus: string, index: number, make: () => Snippet): CorpusItem {
  const number = String(index).padStart(5, '0');
  const { code, allocateBytes, holdSeconds, stdoutBytes, children } = make();
  return {
    id: `${corpus}/${number}`,
    bytes: code.length,
    sha256: null,
    mediaType: 'text/x-python',
    fileName: `${corpus}-${number}.py`,
    content: 'code',
    traits: { allocateBytes, holdSeconds, stdoutBytes, children, characters: code.length },
    truth: {
      // A getter, since it takes as long as the snippet itself runs.
      get stdout() {
        return make().stdout();
      },
      exitCode: '0',
    },
    attachments: [],
    *chunks(part) {
      yield Buffer.from(make().code, 'latin1').subarray(part?.start ?? 0, part?.end);
    },
  };
}

function refuseHuge(snippets: readonly Kind[], place: string): void {
  const huge = snippets.findIndex((kind) => kind.kind === 'fork' && kind.children * kind.allocateBytes.to > mostBytes);
  if (huge >= 0) {
    throw invalidParam(
      place,
      ['snippets', huge],
      'its children take more than 4 GiB together.',
      'Lower `children` or `allocateBytes`.',
    );
  }
}

/** Python programs for a sandbox: harmless ones, and ones that take memory, time or output, all within limits. */
export const codeSnippets: CorpusGenerator = {
  id: 'code-snippets',
  title: 'Python snippets whose output is known',
  version: 1,
  params: codeSnippetsParams,
  items(params, { name, count, random, place }) {
    const { snippets, order } = parseParams(codeSnippetsParams, params, place);
    const counts = countsOf(snippets, count, place, 'snippets');
    const ranges = snippets.map(rangeOf);
    refuseReversed(ranges, place, 'snippets');
    refuseHuge(snippets, place);
    const plan = planQuantities(ranges, counts, random.fork('quantities'));
    const drafts = plan.values(1).map((values, kind) => values.map((quantity) => ({ kind, quantity })));
    const firstSalt = random.fork('salt').below(saltCount);
    return orderItems(drafts, order, random.fork('order')).flatMap(({ kind: at, quantity }, index) => {
      const kind = snippets[at];
      const salt = leastSalt + ((firstSalt + index * 7919) % saltCount);
      return kind === undefined ? [] : [createItem(name, index, () => snippetOf(kind, quantity, salt))];
    });
  },
};
