import { z } from 'zod';
import type { Manifest } from '../manifest.ts';
import { type ResolvedProfile, stageKinds } from '../profile.ts';
import { executorIds } from '../profile-schema.ts';
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

const milliseconds = z.number().nonnegative();
const severities = ['fail', 'warn', 'off'] as const;

const stageSchema = z.looseObject({
  name: text,
  kind: z.enum(stageKinds),
  load: z.looseObject({ executor: z.enum(executorIds) }).nullable(),
  durationMs: milliseconds,
  timeoutMs: milliseconds,
  pick: z.enum(['shuffled', 'first', 'longest']),
  client: z.looseObject({ retries: count }).nullable(),
});

const profileSchema = z.looseObject({
  name: text,
  question: text,
  corpus: text,
  adapter: text,
  seed: count,
  scale: z.number().positive(),
  sampleIntervalMs: milliseconds,
  referenceTimeScale: z.number().positive(),
  stages: z.array(stageSchema),
  abortWhen: z.array(z.looseObject({ when: text, above: z.number(), forMs: milliseconds })),
  neighbour: z.looseObject({ adapter: text, corpus: text, everyMs: milliseconds }).nullable(),
  search: z.looseObject({ fromVus: count, toVus: count, factor: z.number(), stepMs: milliseconds }).nullable(),
  thresholds: z.record(text, z.enum(severities)),
  requires: z.array(text),
});

const targetSchema = z.looseObject({
  kind: z.enum(['url', 'reference']),
  url: text,
  exec: textOrNull,
  fault: textOrNull,
  fixes: z.array(text),
  device: z.looseObject({ kind: z.enum(['cuda', 'virtual']).nullable(), why: textOrNull }),
  observed: text,
  memoryLimit: memoryLimitSchema,
});

const measuredSchema = z
  .looseObject({
    endMs: milliseconds,
    planned: count,
    expectedSamples: count.nullable(),
    missedSamples: count.nullable(),
    samplerCostMs: z.looseObject({ p50: figure, p99: figure }).nullable(),
    clock: z
      .looseObject({ offsetMs: z.number(), driftPpm: z.number(), uncertaintyMs: z.number(), exchanges: count })
      .nullable(),
    cpuSeconds: figure,
    samplerCpuSeconds: figure,
  })
  .describe('null: gathering did not end by itself')
  .nullable();

/** What results depend on; the rest of a profile is its own schema's to say. */
type CheckedManifest = Omit<Manifest, 'profile'> & {
  profile: Omit<ResolvedProfile, 'stages' | 'abortWhen' | 'neighbour' | 'search'>;
};

/** `manifest.json` of a run. */
export const manifestSchema = z
  .looseObject({
    schemaVersion: versionSchema,
    runId: text,
    status: z.enum(['running', 'completed', 'stopped', 'aborted', 'failed']),
    exitCause: textOrNull,
    startedAt: time,
    endedAt: time.nullable(),
    tool: toolSchema,
    measurementVersion: text.describe('Numbers of different versions are not comparable'),
    protocol: z
      .looseObject({ version: versionSchema.describe('Of PROTOCOL.md'), sha256 })
      .describe('The text of the rules that the run was made under; null: not recorded')
      .nullable()
      .default(null),
    session: sessionSchema,
    subject: subjectSchema,
    node: text,
    argv: z.array(text).describe('Secrets are masked'),
    pid: count,
    profile: profileSchema,
    profileHash: sha256,
    planHash: z.union([sha256, z.literal('')]).describe("Empty where another tool's load was watched"),
    corpus: z.looseObject({
      name: text,
      recipe: text.exactOptional(),
      digest: text,
      content: text,
      items: count,
      meanAudioSeconds: figure,
    }),
    engine: engineSchema,
    adapter: text,
    model: text.exactOptional(),
    target: targetSchema,
    guardRatio: figure,
    host: z.record(text, text),
    hostClass: text,
    comparability: comparabilitySchema,
    notObserved: notObservedSchema,
    measured: measuredSchema,
  })
  .describe('manifest.json of a run of bench') satisfies z.ZodType<CheckedManifest>;
