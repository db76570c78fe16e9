import type { z } from 'zod';
import { Faults, type RuleAnswer } from './verify-faults.ts';

/** A parsed file against its published schema: one sentence for each field that is not as it must be. */
export function schemaFaults(fileName: string, schema: z.ZodType, value: unknown): RuleAnswer {
  const faults = new Faults('8.6', `${fileName} is as its schema says`);
  for (const { path, message } of schema.safeParse(value).error?.issues ?? []) {
    faults.add(`${fileName}: ${path.length === 0 ? 'the whole' : path.map(String).join('.')}: ${message}.`);
  }
  return faults.answer();
}
