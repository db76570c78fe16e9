import { stringify } from 'yaml';
import { nearestName } from '../base/by-id.ts';
import { canonicalJson, sha256Hex } from '../base/digest.ts';
import { BenchError } from '../base/errors.ts';
import { parseDurationMs } from '../base/units.ts';
import type { Load, Rate, ResolvedProfile, Stage } from './profile.ts';
import { profileSchema, type StageText, stageSchema } from './profile-schema.ts';
import { clientText, extrasText, resolveExtras, scaleClient, scaleExtras } from './resolve-profile.ts';
import { resolveStage } from './resolve-stage.ts';
import { parseYaml } from './yaml-document.ts';

/** Sampling faster than this would cost a scaled run more than it shows. */
const leastScaledIntervalMs = 250;
const leastIntervalMs = 100;

/** Fills in every default. Throws PROFILE_INVALID with file, line, column and path. */
export function parseProfile(text: string, fileName: string, detectorIds: readonly string[]): ResolvedProfile {
  const { value, place } = parseYaml(text, fileName, {
    schema: profileSchema,
    code: 'PROFILE_INVALID',
    keys: [...Object.keys(profileSchema.shape), ...Object.keys(stageSchema.shape)],
    hint: 'profiles/README.md and profiles/profile.schema.json say what a profile holds.',
  });
  const stages: Stage[] = [];
  for (const [index, stage] of value.stages.entries()) {
    const placeOf = (key: keyof StageText | null): string =>
      place(key === null ? ['stages', index] : ['stages', index, key]);
    stages.push(resolveStage(stage, stages, placeOf));
  }
  const sampleIntervalMs = Math.round(parseDurationMs(value.sampleInterval ?? '1s') ?? 0);
  if (sampleIntervalMs < leastIntervalMs) {
    throw new BenchError('PROFILE_INVALID', `${place(['sampleInterval'])}: ${value.sampleInterval} is too short.`, {
      hint: `Give it at least ${leastIntervalMs}ms.`,
    });
  }
  const thresholds = value.thresholds ?? {};
  const requires = value.requires ?? [];
  for (const path of [
    ...Object.keys(thresholds).map((id) => ['thresholds', id] as const),
    ...requires.map((_, index) => ['requires', index] as const),
  ]) {
    const id = path[0] === 'requires' ? (requires[path[1]] ?? '') : path[1];
    if (!detectorIds.includes(id)) {
      const near = nearestName(id, detectorIds);
      throw new BenchError('PROFILE_INVALID', `${place(path)}: there is no detector "${id}".`, {
        hint: near === null ? `Known: ${detectorIds.join(', ')}.` : `Did you mean "${near}"?`,
      });
    }
  }
  return {
    name: value.name,
    question: value.question,
    corpus: value.corpus,
    adapter: value.adapter ?? 'openai-transcription',
    seed: value.seed ?? 1,
    scale: value.scale ?? 1,
    sampleIntervalMs,
    referenceTimeScale: value.referenceTimeScale ?? 1,
    stages,
    ...resolveExtras(value, place),
    thresholds,
    requires,
  };
}

function scaleLoad(load: Load, scaled: (ms: number) => number): Load {
  switch (load.executor) {
    case 'constant-vus':
    case 'ramping-vus':
    case 'shared-iterations':
    case 'per-vu-iterations':
      return { ...load, thinkMs: scaled(load.thinkMs) };
    case 'burst':
      return { ...load, everyMs: scaled(load.everyMs) };
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return load;
  }
}

/**
 * Every duration, timeout and think time times `factor`, in whole ms; a duration never becomes 0 (PROTOCOL 3.3).
 * Rates stay. The sample interval shrinks to 250 ms at most and never grows.
 */
export function scaleProfile(profile: ResolvedProfile, factor: number): ResolvedProfile {
  if (!(factor > 0) || !Number.isFinite(factor)) {
    throw new BenchError('USAGE', `The scale ${factor} is no factor above 0.`, {
      hint: 'Use for example --scale 0.1.',
    });
  }
  const scaled = (ms: number): number => (ms === 0 ? 0 : Math.max(1, Math.round(ms * factor)));
  const interval = profile.sampleIntervalMs;
  // Twelve digits are exact enough, and print without the noise of binary fractions.
  const times = (value: number): number => Number((value * factor).toPrecision(12));
  return {
    ...profile,
    scale: times(profile.scale),
    sampleIntervalMs: Math.min(interval, Math.max(leastScaledIntervalMs, scaled(interval))),
    referenceTimeScale: times(profile.referenceTimeScale),
    ...scaleExtras(profile, scaled),
    stages: profile.stages.map((stage) => ({
      ...stage,
      load: stage.load === null ? null : scaleLoad(stage.load, scaled),
      client: scaleClient(stage.client, scaled),
      durationMs: scaled(stage.durationMs),
      timeoutMs: scaled(stage.timeoutMs),
    })),
  };
}

/** The identity by which runs are compared: whatever the resolved profile holds, and the corpus. */
export function profileHash(profile: ResolvedProfile, corpusDigest: string): string {
  return sha256Hex(canonicalJson({ profile, corpusDigest }));
}

function rateText(rate: Rate): number | string {
  return typeof rate === 'number'
    ? rate
    : `${rate.times} x ${rate.of} ${rate.unit === 'requests' ? 'rps' : 'audio-seconds'}`;
}

function loadText(load: Load): Partial<StageText> {
  switch (load.executor) {
    case 'constant-vus':
    case 'ramping-vus':
    case 'shared-iterations':
    case 'per-vu-iterations': {
      const { thinkMs, ...rest } = load;
      return { ...rest, thinkTime: `${thinkMs}ms` };
    }
    case 'constant-arrival-rate':
      return { ...load, rate: rateText(load.rate) };
    case 'ramping-arrival-rate':
      return { ...load, fromRate: rateText(load.fromRate), toRate: rateText(load.toRate) };
    case 'burst': {
      const { everyMs, ...rest } = load;
      return everyMs === 0 ? rest : { ...rest, every: `${everyMs}ms` };
    }
  }
}

/** The text of `profile.resolved.yaml`. It is a profile again: parsing it gives the same resolved profile. */
export function toYaml(profile: ResolvedProfile): string {
  const { sampleIntervalMs, stages, abortWhen, neighbour, search, ...rest } = profile;
  return stringify(
    {
      ...rest,
      ...extrasText({ abortWhen, neighbour, search }),
      sampleInterval: `${sampleIntervalMs}ms`,
      stages: stages.map((stage) => ({
        name: stage.name,
        kind: stage.kind,
        for: `${stage.durationMs}ms`,
        timeout: `${stage.timeoutMs}ms`,
        ...(stage.load === null ? {} : { pick: stage.pick, ...loadText(stage.load), ...clientText(stage.client) }),
      })),
    },
    { lineWidth: 0 },
  );
}
