import { z } from 'zod';
import { type GateDecision, gateConstantsSchema, gateStates } from '../gate.ts';
import { figure, text, textOrNull, versionSchema } from './parts.ts';

const gateUnit = z.enum(['bytes', 'ms', 'per_s']);

const rowSchema = z.looseObject({
  layer: z.enum(['invariant', 'absolute', 'relative', 'change-point']),
  rule: text,
  state: z.enum(gateStates),
  metric: textOrNull,
  stage: textOrNull,
  instance: textOrNull,
  isGating: z.boolean(),
  unit: z.enum([...gateUnit.options, 'ratio', 'hours']).nullable(),
  values: z.array(z.number()),
  value: figure,
  centre: figure,
  scale: figure,
  reference: figure,
  threshold: figure,
  confirmation: z.array(z.number()),
  identity: textOrNull,
  failingSince: textOrNull,
  sentence: text,
});

/** What `bench gate --json` prints: the decision with all that went into it. */
export const decisionSchema = z
  .looseObject({
    schemaVersion: versionSchema,
    state: z.enum(gateStates),
    sentence: text,
    series: text,
    profile: text,
    sessionId: text,
    runIds: z.array(text),
    confirmationRunIds: z.array(text),
    historyUsed: z.array(text),
    differences: z.array(
      z.looseObject({ class: z.enum(['must', 'warn']), field: text, baseline: textOrNull, candidate: textOrNull }),
    ),
    rows: z.array(rowSchema),
    notJudged: z.array(z.looseObject({ rule: text, why: text })),
    notices: z.array(text),
    needsConfirmation: z.boolean(),
    expectedFalseRedsPerYear: z.number().nonnegative(),
    constants: gateConstantsSchema,
  })
  .describe('A decision of bench gate') satisfies z.ZodType<GateDecision>;
