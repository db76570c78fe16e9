import { z } from 'zod';
import type { RunResult } from '../result.ts';
import { validityCodes } from '../validity.ts';
import {
  comparabilitySchema,
  count,
  engineSchema,
  figure,
  memoryLimitSchema,
  notObservedSchema,
  sessionSchema,
  sha256,
  subjectSchema,
  text,
  textOrNull,
  time,
  toolSchema,
  versionSchema,
} from './parts.ts';
import { latencyCurveSchema, memoryAgainstLoadSchema, roundLineSchema, seriesSchema } from './result-lines.ts';
import {
  capacitySchema,
  deviceKind,
  findingSchema,
  memorySchema,
  neighbourSchema,
  requestsSchema,
  searchSchema,
  stageResultSchema,
} from './result-parts.ts';

const targetSchema = z.looseObject({
  kind: z.enum(['url', 'reference']),
  url: text,
  exec: textOrNull,
  fault: textOrNull,
  fixes: z.array(text),
  device: z.looseObject({ kind: deviceKind.nullable(), why: textOrNull }),
  observed: text,
  memoryLimit: memoryLimitSchema,
});

const predictionSchema = z
  .looseObject({
    timeToLimitS: figure,
    timeToLimitCi95S: z.tuple([z.number(), figure]).nullable(),
    slopeBytesPerS: z.number(),
    slopeCi95: z.tuple([z.number(), z.number()]),
    predictedAtMs: figure,
    why: textOrNull,
  })
  .nullable();

const harnessSchema = z.looseObject({
  rssPeakBytes: figure,
  cpuSeconds: figure,
  eventLoopLagP99Ms: figure,
  dispatchLatenessP99Ms: figure,
  samplerCostMsPerSample: figure,
  samplerCpuShare: figure,
  missedSamples: figure,
  expectedSamples: figure,
});

const validitySchema = z.looseObject({
  state: z.enum(['valid', 'invalid']),
  reasons: z.array(text),
  codes: z.array(z.enum(validityCodes)).exactOptional().describe('Of each reason, in the same order'),
});

/** `result.json` of a run: derived from the sealed files, whose digests it names. */
export const resultSchema = z
  .looseObject({
    schemaVersion: versionSchema,
    runId: text,
    startedAt: time,
    status: z.enum(['completed', 'stopped', 'aborted', 'failed']),
    profile: z.looseObject({ name: text, hash: sha256, question: text, scale: z.number().positive() }),
    planHash: text,
    tool: toolSchema,
    measurementVersion: text,
    session: sessionSchema,
    subject: subjectSchema,
    corpus: z.looseObject({ name: text, digest: text, content: text, items: count }),
    hostClass: text,
    comparability: comparabilitySchema,
    engine: engineSchema,
    wire: z.looseObject({ adapter: text, model: textOrNull }).exactOptional(),
    target: targetSchema,
    sources: z.record(text, sha256).describe('SHA-256 of each file that the result was derived from'),
    validity: validitySchema,
    verdict: z.enum(['ok', 'warn', 'fail', 'inconclusive']),
    findings: z.array(findingSchema),
    stages: z.array(stageResultSchema),
    events: z.array(z.looseObject({ tMs: z.number(), kind: text, subject: text, detail: text })),
    requests: requestsSchema,
    memory: memorySchema,
    prediction: predictionSchema,
    capacity: capacitySchema.nullable(),
    capacityUnknown: textOrNull,
    search: searchSchema.nullable(),
    neighbour: neighbourSchema.nullable(),
    guard: z
      .looseObject({
        stoppedAtMs: z.number(),
        reason: text,
        watchedUntilMs: figure.exactOptional().describe('How long the target was watched without load after the stop'),
        restEnded: textOrNull.exactOptional().describe('Why the guard ended that too'),
      })
      .nullable(),
    guardRatio: figure,
    harness: harnessSchema,
    series: z.record(text, seriesSchema),
    memoryAgainstLoad: memoryAgainstLoadSchema.nullable(),
    roundLines: z.array(roundLineSchema).nullable(),
    latencyCurves: z.array(latencyCurveSchema).nullable(),
    environment: z.record(text, text),
    command: text,
    notObserved: notObservedSchema,
    runtimeErrors: z.array(z.looseObject({ where: text, stack: text })),
  })
  .describe('result.json of a run of bench') satisfies z.ZodType<RunResult>;
