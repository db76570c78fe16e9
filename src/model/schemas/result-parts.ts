import { z } from 'zod';
import { loadUnits } from '../artifacts.ts';
import { count, figure, outcomeCountsSchema, text, textOrNull } from './parts.ts';

export const deviceKind = z.enum(['cuda', 'amd', 'intel', 'virtual']);
const unit = z.enum(loadUnits);
const latencySchema = z.looseObject({ p50: figure, p95: figure, p99: figure, max: figure });
const countsSchema = z.record(text, count);

export const findingSchema = z.looseObject({
  detector: text,
  verdict: z.enum(['ok', 'warn', 'fail', 'not-applicable', 'inconclusive']),
  title: text,
  summary: text,
  remedy: text,
  value: figure,
  unit: text,
  threshold: figure,
  stage: textOrNull,
  startedMs: figure,
  evidence: z.object({ holder: textOrNull }).catchall(z.union([z.string(), z.number(), z.null()])),
});

export const requestsSchema = z.looseObject({
  planned: count,
  outcomes: outcomeCountsSchema,
  latencyMs: latencySchema.describe('From planned time, answered requests only'),
  serviceMs: latencySchema.describe('From sent time'),
  bytesOut: figure,
  audioSeconds: figure,
  checks: countsSchema,
  wordErrorRate: figure,
  errors: countsSchema,
});

export const stageResultSchema = z.looseObject({
  name: text,
  kind: text,
  startMs: z.number(),
  endMs: z.number(),
  offeredPerSecond: figure,
  achievedPerSecond: figure,
  loadModel: z.enum(['open', 'closed']).nullable(),
  rates: z.array(z.looseObject({ name: text, perSecond: z.number() })),
  requests: requestsSchema,
  memory: z.looseObject({ peakBytes: figure, endBytes: figure, peakHolder: textOrNull }),
});

const minuteSchema = z.looseObject({
  minute: z.number(),
  atMs: z.number(),
  stage: text,
  rssBytes: figure,
  pssBytes: figure,
  footprintBytes: figure,
  memAvailableBytes: figure,
  vramUsedBytes: figure,
  vramFreeBytes: figure,
  psiMemorySomeAvg10: figure,
  psiMemoryFullAvg10: figure,
  inFlight: figure,
  p95Ms: figure,
});

const levels = { limitBytes: figure, baselineBytes: figure, peakBytes: figure, floorBytes: figure };

export const memorySchema = z.looseObject({
  ...levels,
  limitSource: textOrNull,
  peakSource: textOrNull,
  peakHolder: textOrNull,
  parts: z.array(
    z.looseObject({
      ...levels,
      part: z.enum(['parent-anon', 'child-anon', 'swap', 'shared-mapping', 'tmpfs', 'kernel']),
      limitSource: textOrNull,
      mayBeOthers: z.boolean().exactOptional().describe('Files in memory that another process may have written'),
    }),
  ),
  devices: z.array(
    z.looseObject({
      ...levels,
      instance: text,
      kind: deviceKind,
      targetPeakBytes: figure,
      othersPeakBytes: figure,
    }),
  ),
  perMinute: z.array(minuteSchema),
});

export const capacitySchema = z.looseObject({
  safeConcurrency: figure,
  isAtLeast: z.boolean().exactOptional().describe('safeConcurrency ends where measuring ended, not by memory'),
  measuredConcurrency: z.number().exactOptional().describe('The most in flight in a level measured whole'),
  projectedConcurrency: figure.exactOptional().describe('What the arithmetic alone says, however far beyond'),
  heldConcurrency: z.number(),
  askedConcurrency: z.number(),
  limitBytes: z.number(),
  baseBytes: z.number(),
  bytesPerInFlight: z.number(),
  upperBytesPerInFlight: z.number(),
  unit: z.literal('requests'),
  basis: text,
  arithmetic: z.array(text),
  confidence: z.enum(['high', 'medium', 'low']),
  confidenceWhy: text,
  perUnit: z.array(z.looseObject({ unit, bytes: z.number(), lowerBytes: z.number(), upperBytes: z.number() })),
});

export const searchSchema = z.looseObject({
  kneeVus: figure,
  lastGoodVus: figure,
  firstBrokenVus: figure,
  confirmedVus: figure.exactOptional().describe('Kept again with memory no higher; no other number is safe'),
  unconfirmedWhy: textOrNull.exactOptional().describe('Why lastGoodVus is not confirmed'),
  isCumulative: z.boolean().exactOptional().describe('Memory followed how many requests were answered'),
  limitBytes: figure.exactOptional().describe('The limit that it was searched under'),
  why: text,
  steps: z.array(
    z.looseObject({
      name: text,
      vus: count,
      repeats: textOrNull.exactOptional().describe('The step of as many at once that it repeats'),
      planHash: text,
      startMs: z.number(),
      endMs: figure,
      answered: count,
      achievedPerSecond: figure,
      p95Ms: figure,
      errorRatio: figure,
      peakBytes: figure.exactOptional().describe('Highest footprint in it'),
      floorBytes: figure.exactOptional().describe('Settled footprint in the lull after it'),
      verdict: z.enum(['kept', 'broke', 'stopped', 'unfinished']),
      why: text,
    }),
  ),
});

export const neighbourSchema = z.looseObject({
  adapter: text,
  everyMs: z.number(),
  requests: requestsSchema,
  stages: z.array(
    z.looseObject({
      name: text,
      kind: text,
      asked: count,
      answered: count,
      availabilityRatio: figure,
      latencyMs: latencySchema,
      errors: countsSchema,
    }),
  ),
});
