import { z } from 'zod';
import { sessionPurposes } from '../history.ts';
import { outcomes } from '../record.ts';

/** A number that may not have been measured. */
export const figure = z.number().nullable();
export const text = z.string();
export const textOrNull = z.string().nullable();
export const time = z.iso.datetime().describe('RFC 3339, UTC');
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const count = z.int().nonnegative();

export const versionSchema = z
  .string()
  .regex(/^\d+\.\d+$/)
  .describe('Of this file: a minor one adds, a major one breaks; unknown fields are kept');

export const toolSchema = z.looseObject({ name: text, version: text, commit: textOrNull });

export const sessionSchema = z.looseObject({
  id: text,
  repeat: z.int().positive(),
  of: z.int().positive(),
  purpose: z.enum(sessionPurposes),
});

export const subjectSchema = z.looseObject({ version: textOrNull, commit: textOrNull, image: textOrNull });

const comparedFields = z.record(text, textOrNull);
export const comparabilitySchema = z.looseObject({ must: comparedFields, warn: comparedFields });

export const memoryLimitSchema = z.looseObject({ bytes: z.number().positive(), how: text }).nullable();

export const notObservedSchema = z.array(z.looseObject({ what: text, why: text }));

export const engineSchema = z.looseObject({ id: text, version: text, why: text });

export const outcomeCountsSchema = z.record(z.enum(outcomes), count);
