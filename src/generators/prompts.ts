import { z } from 'zod';
import type { CorpusGenerator } from '../model/corpus.ts';
import { parseParams } from './params/parse-params.ts';
import { planPrompts, promptItem, promptShapeParams } from './texts/prompt-plan.ts';

export const promptsParams = z.strictObject(promptShapeParams);

/** Prompts of common words in no order, with a code word told once and asked for at the end (words, not sense). */
export const prompts: CorpusGenerator = {
  id: 'prompts',
  title: 'Prompts of given length with a planted code word',
  version: 1,
  params: promptsParams,
  items(params, context) {
    const parsed = parseParams(promptsParams, params, context.place);
    return planPrompts(parsed, context).map((shape, index) => promptItem(context.name, index, shape));
  },
};
