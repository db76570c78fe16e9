import type { Load } from '../../model/profile.ts';
import type { LatencyCurve, RunResult, StageResult } from '../../model/result.ts';

/** A result, or why there is none. */
export type Answer<T> = T | { why: string };
export const isRefusal = <T extends object>(answer: Answer<T>): answer is { why: string } => 'why' in answer;

/** The shortest sustained load that the schema takes, and the sizes of a burst. */
const minSustainedS = 30;
const burstSizes: readonly number[] = [8, 64, 256, 512, 1024];

/** The kinds that the schema knows, each with what it asks for. */
export type LoadKind =
  | { kind: 'latency'; iterations: number }
  | { kind: 'burst'; n: number }
  | { kind: 'sustained'; rps: number; duration_s: number };

export interface MeasuredLoad {
  profile: LoadKind;
  wallS: number;
  latency: LatencyCurve;
  audioSeconds: number;
  maxMs: number;
}

const stageS = ({ startMs, endMs }: StageResult): number => (endMs - startMs) / 1000;

function sustained(stage: StageResult): Answer<LoadKind> {
  const [rate, ...others] = stage.rates;
  if (stage.loadModel !== 'open' || rate === undefined || others.length > 0) {
    return { why: 'its load is neither a burst, nor one client after another, nor one constant rate' };
  }
  if (stageS(stage) < minSustainedS) {
    return { why: `it lasted ${stageS(stage).toFixed(0)} s, and the schema takes ${minSustainedS} s or more` };
  }
  return { kind: 'sustained', rps: rate.perSecond, duration_s: Math.round(stageS(stage)) };
}

function burst({ size, repeats }: Extract<Load, { executor: 'burst' }>): Answer<LoadKind> {
  if (repeats > 1) {
    return { why: `it is ${repeats} bursts one after the other, and the schema has one` };
  }
  return burstSizes.includes(size)
    ? { kind: 'burst', n: size }
    : { why: `a burst of ${size}, and the schema takes ${burstSizes.join(', ')}` };
}

type Vus = Extract<Load, { executor: 'constant-vus' | 'shared-iterations' | 'per-vu-iterations' }>;

function latency({ vus, thinkMs }: Vus, { requests }: StageResult): Answer<LoadKind> {
  if (vus > 1 || thinkMs > 0) {
    return { why: 'its clients are several or think between requests, and the schema has one that does not' };
  }
  return { kind: 'latency', iterations: requests.planned };
}

function kindOf(stage: StageResult, load: Load | null): Answer<LoadKind> {
  switch (load?.executor) {
    case 'burst':
      return burst(load);
    case 'constant-vus':
    case 'shared-iterations':
    case 'per-vu-iterations':
      return latency(load, stage);
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
    case 'ramping-vus':
    case undefined:
      return sustained(stage);
  }
}

/**
 * From the first request to the last answer. Of a burst all is planned at its start, so the slowest answer tells it; where
 * some failed, a failure may have been the last.
 */
function wallOf(kind: LoadKind, stage: StageResult, maxMs: number): number {
  const { planned, outcomes } = stage.requests;
  if (kind.kind !== 'burst') {
    return stageS(stage);
  }
  return outcomes.ok === planned ? maxMs / 1000 : Math.max(stageS(stage), maxMs / 1000);
}

/** The schema asks for a mean and a minimum, which only a curve of the stage can tell. */
function curveOf({ latencyCurves }: RunResult, { name, requests }: StageResult): LatencyCurve | undefined {
  return (latencyCurves ?? []).find(
    ({ stage, from, answers }) =>
      from === 'planned' && (stage === name || (stage === null && answers === requests.outcomes.ok)),
  );
}

/** What the schema says of a stage; `load` is what the profile asked for there, null where that is not known. */
export function measuredLoad(result: RunResult, stage: StageResult, load: Load | null): Answer<MeasuredLoad> {
  const profile = kindOf(stage, load);
  if (isRefusal(profile)) {
    return profile;
  }
  const { audioSeconds, latencyMs, outcomes } = stage.requests;
  if (audioSeconds === null) {
    return { why: 'its corpus holds no audio' };
  }
  const curve = curveOf(result, stage);
  const { p50, p95, p99, max } = latencyMs;
  if (outcomes.ok === 0 || curve === undefined || p50 === null || p95 === null || p99 === null || max === null) {
    return { why: 'too little was answered for a curve of latency' };
  }
  return { profile, wallS: wallOf(profile, stage, max), latency: curve, audioSeconds, maxMs: max };
}
