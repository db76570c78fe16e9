import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../../base/errors.ts';
import { generators } from '../../generators/index.ts';
import type { Corpus, CorpusGenerator } from '../../model/corpus.ts';
import { openCorpus } from './open-corpus.ts';

function shipped(name: string): string {
  return readFileSync(new URL(`../../../corpora/${name}.yaml`, import.meta.url), 'utf8');
}

const recipe = shipped('stt-short').replace(/^digest:.*\n/m, '');

function digestOf(text: string, made: readonly CorpusGenerator[] = generators): string {
  return openCorpus(text, 'corpora/x.yaml', made).digest;
}

/** The same items, but for the first byte of each. */
const otherBytes = generators.map(
  (generator): CorpusGenerator => ({
    ...generator,
    items: (params, context) =>
      generator.items(params, context).map((item) => ({
        ...item,
        *chunks(range) {
          for (const chunk of item.chunks(range)) {
            yield Uint8Array.from(chunk, (byte, index) => (index === 0 ? byte ^ 1 : byte));
          }
        },
      })),
  }),
);

/** null where the optional speech engine is not installed, which opening the corpus says. */
function openIfThere(name: string): Corpus | null {
  try {
    return openCorpus(shipped(name), `corpora/${name}.yaml`, generators);
  } catch (error) {
    if (error instanceof BenchError && error.code === 'CORPUS_UNAVAILABLE') {
      return null;
    }
    throw error;
  }
}

describe('openCorpus', () => {
  const names = readdirSync(new URL('../../../corpora/', import.meta.url))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace('.yaml', ''));
  it.each(names)('%s is the corpus that its recipe pins', (name) => {
    const corpus = openIfThere(name);
    expect(shipped(name)).toMatch(/^digest: [0-9a-f]{64}$/m);
    expect(corpus === null || shipped(name).includes(`\ndigest: ${corpus.digest}\n`)).toBe(true);
    expect(corpus?.items[7]?.id.startsWith(`${name}/`) ?? true).toBe(true);
  });

  it('gives the same digest again, whatever the comments and the order of keys', () => {
    const reordered = `licence: Apache-2.0\n${recipe.replace(/^licence:.*\n/m, '# a comment\n')}`;
    expect(digestOf(reordered)).toBe(digestOf(recipe));
  });

  it.each([
    { what: 'seed', text: recipe.replace(/seed: \d+/, 'seed: 1'), made: generators },
    { what: 'count', text: recipe.replace('count: 200', 'count: 199'), made: generators },
    { what: 'parameter', text: recipe.replace('meanSeconds: 7.4', 'meanSeconds: 7.5'), made: generators },
    { what: 'version', text: recipe, made: generators.map((generator) => ({ ...generator, version: 99 })) },
    { what: 'byte of the first item', text: recipe, made: otherBytes },
  ])('another $what gives another digest', ({ text, made }) => {
    expect(digestOf(text, made)).not.toBe(digestOf(recipe));
  });

  it('refuses a corpus that is not the one its recipe pins, and says what it is', () => {
    const pinned = `${recipe}digest: ${'ab'.repeat(32)}\n`;
    expect(() => digestOf(pinned)).toThrowError(
      expect.objectContaining({
        code: 'CORPUS_DIGEST_MISMATCH',
        exitCode: 3,
        message: expect.stringMatching(/^corpora\/x\.yaml:\d+:1 digest: the recipe pins abababababab, but/) as string,
        hint: expect.stringContaining(`digest: ${digestOf(recipe)}`) as string,
      }),
    );
  });

  it('suggests the generator that was meant', () => {
    expect(() => digestOf(recipe.replace('speech-longform', 'speech-longfrom'))).toThrowError(
      expect.objectContaining({
        code: 'RECIPE_INVALID',
        message: expect.stringMatching(/x\.yaml:4:1 generator: there is no generator "speech-longfrom"/) as string,
        hint: 'Did you mean "speech-longform"?',
      }),
    );
  });
});
