import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseRecipe, recipeSchema } from '../model/parse-recipe.ts';
import { generators } from './index.ts';

const folder = new URL('../../corpora/', import.meta.url);
const schemaFile = new URL('recipe.schema.json', folder);
const update = 'UPDATE_SCHEMA=1 npx vitest run --config .config/vitest.config.ts src/generators && npm run format';

describe('the schema of recipes', () => {
  it('is what the code accepts', () => {
    const variants = generators.map(({ id, params }) => recipeSchema.extend({ generator: z.literal(id), params }));
    const [first, ...others] = variants;
    const schema: unknown = z.toJSONSchema(
      first === undefined || others.length === 0
        ? (first ?? recipeSchema)
        : z.discriminatedUnion('generator', [first, ...others]),
      { io: 'input' },
    );
    if (process.env['UPDATE_SCHEMA'] === '1') {
      writeFileSync(schemaFile, `${JSON.stringify(schema, null, 2)}\n`);
    }
    const written: unknown = JSON.parse(readFileSync(schemaFile, 'utf8'));
    expect(written, `corpora/recipe.schema.json is old; run: ${update}`).toEqual(schema);
  });

  const recipes = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  it.each(recipes)('%s parses, is named like its file and points editors to the schema', (fileName) => {
    const text = readFileSync(new URL(fileName, folder), 'utf8');
    expect(parseRecipe(text, `corpora/${fileName}`).name).toBe(fileName.replace('.yaml', ''));
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./recipe.schema.json');
  });
});
