import { z } from 'zod';
import { parseYaml } from './yaml-document.ts';

/** A recipe as written. What `params` may hold is the generator's to say. */
export const recipeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower case words joined by hyphens')
    .describe('Name of the corpus; also the name of its file'),
  title: z.string().min(1).describe('What it stands for, in one line'),
  generator: z.string().min(1).describe('Id of the generator that makes the items'),
  seed: z.int().min(0).describe('Another seed gives other bytes of the same shape'),
  count: z.int().min(1).max(1_000_000).describe('Number of items'),
  params: z.record(z.string(), z.unknown()).describe('Parameters of the generator'),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 lower case hex digits')
    .optional()
    .describe('What `bench corpus digest` prints; a corpus that differs stops the run'),
  contentDigest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 lower case hex digits')
    .optional()
    .describe('SHA-256 over the SHA-256 of every item in order, checked by `bench corpus verify`; covers every byte'),
  licence: z.string().min(1).describe('Under which terms the bytes may be passed on'),
});

export interface Recipe {
  name: string;
  title: string;
  generator: string;
  seed: number;
  count: number;
  params: Readonly<Record<string, unknown>>;
  /** null: not pinned. */
  digest: string | null;
  /** null: not pinned. */
  contentDigest: string | null;
  licence: string;
  /** File, line, column and path, to open the message of an error that is found later. */
  places: { generator: string; params: string; digest: string; contentDigest: string };
}

/** Throws RECIPE_INVALID with file, line, column and path. */
export function parseRecipe(text: string, fileName: string): Recipe {
  const { value, place } = parseYaml(text, fileName, {
    schema: recipeSchema,
    code: 'RECIPE_INVALID',
    keys: Object.keys(recipeSchema.shape),
    hint: 'corpora/README.md and corpora/recipe.schema.json say what a recipe holds.',
  });
  return {
    ...value,
    digest: value.digest ?? null,
    contentDigest: value.contentDigest ?? null,
    places: {
      generator: place(['generator']),
      params: place(['params']),
      digest: place(['digest']),
      contentDigest: place(['contentDigest']),
    },
  };
}
