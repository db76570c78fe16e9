import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generators } from '../generators/index.ts';
import type { CorpusGenerator } from '../model/corpus.ts';
import { openCorpus } from './open-corpus.ts';

function shipped(name: string): string {
  return readFileSync(new URL(`../../corpora/${name}.yaml`, import.meta.url), 'utf8');
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

describe('openCorpus', () => {
  it.each([
    { name: 'stt-longform', items: 64, digest: 'a86068a714fa3b58f1bcf9875f59ab8a4b75649a6d88a377ae55a6d3bf34009f' },
    { name: 'stt-short', items: 200, digest: 'ccf28cf7701c4e7ea8fa21e52853790206490f1eee0fad141f9d37adad3c4cc5' },
  ])('$name is the corpus that its recipe pins', ({ name, items, digest }) => {
    const corpus = openCorpus(shipped(name), `corpora/${name}.yaml`, generators);
    expect(corpus).toMatchObject({ name, digest });
    expect(corpus.items).toHaveLength(items);
    expect(corpus.items[17]?.id).toBe(`${name}/00017`);
    expect(shipped(name)).toContain(`\ndigest: ${digest}\n`);
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
