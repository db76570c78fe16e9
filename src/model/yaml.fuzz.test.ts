import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { damaged } from '../testing/damaged.ts';
import { detectorIds } from '../testing/profile-text.ts';
import { parseProfile } from './parse-profile.ts';
import { parseRecipe } from './parse-recipe.ts';

function shipped(kind: 'profiles' | 'corpora'): string[] {
  const folder = new URL(`../../${kind}/`, import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

/** Aliases that name one another grow with every level; the YAML reader refuses them. */
const manyAliases = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
  .split('')
  .map((name, at) => `${name}: &${name} [${`*${'abcdefghij'[at]},`.repeat(9)}]`)
  .join('\n')}`;

describe.each([
  { what: 'a profile', texts: shipped('profiles'), parse: (text: string) => parseProfile(text, 'x.yaml', detectorIds) },
  { what: 'a recipe', texts: shipped('corpora'), parse: (text: string) => parseRecipe(text, 'x.yaml') },
])('$what', ({ texts, parse }) => {
  it('that is damaged is read, or refused with the place and no other exception', () => {
    fc.assert(
      fc.property(damaged(...texts, manyAliases, '', '- 1', 'null'), (text) => {
        try {
          expect(parse(text)).toBeTypeOf('object');
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(BenchError);
          expect((error as BenchError).message).toContain('x.yaml');
        }
      }),
      { numRuns: 60 },
    );
  });
});
