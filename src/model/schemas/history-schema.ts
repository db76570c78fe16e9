import { z } from 'zod';
import { gateStates } from '../gate.ts';
import { type HistoryLine, sessionPurposes } from '../history.ts';
import { comparabilitySchema, sha256, subjectSchema, text, textOrNull, time, versionSchema } from './parts.ts';

const metricPlace = { id: text, stage: textOrNull, instance: textOrNull };

const sessionLineSchema = z.looseObject({
  kind: z.literal('session'),
  schemaVersion: versionSchema,
  series: text,
  sessionId: text,
  at: time,
  profile: text,
  profileHash: sha256,
  purpose: z.enum(sessionPurposes),
  runIds: z.array(text),
  subject: subjectSchema,
  comparability: comparabilitySchema,
  state: z.enum(gateStates),
  isAccepted: z.boolean(),
  metrics: z.array(
    z.looseObject({
      ...metricPlace,
      unit: z.enum(['bytes', 'ms', 'per_s']),
      isBiggerBetter: z.boolean(),
      values: z.array(z.number()),
      median: z.number(),
      isSuspect: z.boolean(),
    }),
  ),
  identities: z.array(text),
});

const byAPerson = { schemaVersion: versionSchema, series: text, at: time, author: text, reason: text };

const acceptanceLineSchema = z.looseObject({
  kind: z.literal('acceptance'),
  ...byAPerson,
  expiresAt: time.nullable(),
  fromSessionId: text,
});

const referenceLineSchema = z.looseObject({
  kind: z.literal('reference'),
  ...byAPerson,
  sessionIds: z.array(text),
  metrics: z.array(z.looseObject({ ...metricPlace, median: z.number(), runs: z.int().positive() })),
});

/** One line of a history file. */
export const historyLineSchema = z
  .discriminatedUnion('kind', [sessionLineSchema, acceptanceLineSchema, referenceLineSchema])
  .describe('A line of results/history/SERIES.jsonl') satisfies z.ZodType<HistoryLine>;
