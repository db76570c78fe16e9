import { z } from 'zod';
import { profileJsonSchema } from '../profile-schema.ts';
import { decisionSchema } from './decision-schema.ts';
import { historyLineSchema } from './history-schema.ts';
import { manifestSchema } from './manifest-schema.ts';
import { resultSchema } from './result-schema.ts';

/** The committed JSON Schemas by path: loose for results, where a newer minor schema adds fields, strict for profiles. */
export function publishedSchemas(): Readonly<Record<string, object>> {
  return {
    'profiles/profile.schema.json': profileJsonSchema(),
    'results/schemas/manifest.schema.json': z.toJSONSchema(manifestSchema),
    'results/schemas/result.schema.json': z.toJSONSchema(resultSchema),
    'results/schemas/decision.schema.json': z.toJSONSchema(decisionSchema),
    'results/schemas/history-line.schema.json': z.toJSONSchema(historyLineSchema),
  };
}
