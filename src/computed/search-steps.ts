import { quantile, sortedFinite } from '../base/statistics.ts';
import type { RunEvent } from '../model/artifacts.ts';
import type { CapacitySearch, ResolvedProfile, Stage } from '../model/profile.ts';
import type { RequestRecord } from '../model/record.ts';
import type { SearchStep } from '../model/search.ts';
import { answered } from './latency.ts';

/** Which step of a search, counted from 1, and its concurrency. */
export interface StepPlace {
  ordinal: number;
  vus: number;
  /** The name of the step that it repeats; null: it is the first of so many at once. */
  repeats: string | null;
}

/** The text of a `search_verdict` event. */
export function verdictDetail({ verdict, why }: Pick<SearchStep, 'verdict' | 'why'>): string {
  return why === '' ? verdict : `${verdict}: ${why}`;
}

/** What a step's requests came to, once all of them have ended. */
export type StepFigures = Pick<SearchStep, 'answered' | 'achievedPerSecond' | 'p95Ms' | 'errorRatio'>;

export function stepName(ordinal: number): string {
  return `step-${ordinal}`;
}

export function lullName(ordinal: number): string {
  return `${stepName(ordinal)}-lull`;
}

/** The stage of a step and the lull after it; its requests wait as long as those of the stages before the search. */
export function stagesOfStep(
  profile: ResolvedProfile,
  search: CapacitySearch,
  { ordinal, vus }: Pick<StepPlace, 'ordinal' | 'vus'>,
): Stage[] {
  const loaded = profile.stages.filter((stage) => stage.load !== null);
  const timeoutMs = Math.max(1, ...(loaded.length > 0 ? loaded : profile.stages).map((stage) => stage.timeoutMs));
  const name = stepName(ordinal);
  const rest = { timeoutMs, pick: 'shuffled', client: null } as const;
  const load = { executor: 'constant-vus', vus, thinkMs: 0 } as const;
  const step: Stage = { ...rest, name, kind: 'load', load, durationMs: search.stepMs };
  const lull: Stage = { ...rest, name: lullName(ordinal), kind: 'lull', load: null, durationMs: search.lullMs };
  return search.lullMs === 0 ? [step] : [step, lull];
}

/** The text of a `search_step` event. */
export function stepDetail({ vus, repeats }: Pick<StepPlace, 'vus' | 'repeats'>, planHash: string): string {
  return `vus=${vus} plan=${planHash}${repeats === null ? '' : ` repeats=${repeats}`}`;
}

interface BegunStep extends StepPlace {
  name: string;
  planHash: string;
  startMs: number;
}

function begunSteps(events: readonly RunEvent[]): readonly BegunStep[] {
  return events.flatMap(({ kind, subject, detail, tMs }) => {
    const [, vus, planHash, repeats] =
      /^vus=(\d+) plan=(\w*)(?: repeats=(step-\d+))?$/.exec(kind === 'search_step' ? detail : '') ?? [];
    const ordinal = /^step-(\d+)$/.exec(subject)?.[1];
    return vus === undefined || planHash === undefined || ordinal === undefined
      ? []
      : [
          {
            ordinal: Number(ordinal),
            vus: Number(vus),
            name: subject,
            repeats: repeats ?? null,
            planHash,
            startMs: tMs,
          },
        ];
  });
}

/** The profile with the stages that its search added while it ran. */
export function withSearchStages(profile: ResolvedProfile, events: readonly RunEvent[]): ResolvedProfile {
  const { search } = profile;
  return search === null
    ? profile
    : {
        ...profile,
        stages: [...profile.stages, ...begunSteps(events).flatMap((step) => stagesOfStep(profile, search, step))],
      };
}

function isFailed({ outcome }: RequestRecord): boolean {
  switch (outcome) {
    case 'http_error':
    case 'semantic_error':
    case 'timeout':
    case 'refused':
    case 'reset':
    case 'closed_early':
      return true;
    case 'ok':
    case 'dropped':
    case 'cancelled':
    case 'in_flight_at_end':
      return false;
  }
}

/**
 * The rate at which a closed stage was answered: X = sum over slots of k / T, with k answers of a slot in the time T
 * from its first request to the end of its last one. No stage is long enough for its edges not to count otherwise.
 */
function achievedRate(records: readonly RequestRecord[]): number | null {
  const slots = new Map<number, { fromMs: number; toMs: number; answered: number }>();
  for (const { slot, plannedMs, endMs, outcome } of records) {
    if (slot === null || endMs === null) {
      continue;
    }
    const seen = slots.get(slot) ?? { fromMs: plannedMs, toMs: endMs, answered: 0 };
    slots.set(slot, {
      fromMs: Math.min(seen.fromMs, plannedMs),
      toMs: Math.max(seen.toMs, endMs),
      answered: seen.answered + (outcome === 'ok' ? 1 : 0),
    });
  }
  let perSecond: number | null = null;
  for (const slot of slots.values()) {
    perSecond = (perSecond ?? 0) + (1000 * slot.answered) / Math.max(1, slot.toMs - slot.fromMs);
  }
  return perSecond;
}

/** `records` are of this step alone. */
export function stepFigures(records: readonly RequestRecord[]): StepFigures {
  const good = answered(records);
  const failed = records.filter(isFailed).length;
  const latenciesMs = sortedFinite(good.map(({ endMs, plannedMs }) => endMs - plannedMs));
  const ended = good.length + failed;
  return {
    answered: good.length,
    achievedPerSecond: achievedRate(records),
    p95Ms: quantile(latenciesMs, 0.95),
    errorRatio: ended === 0 ? null : failed / ended,
  };
}

/** Highest footprint of a step, and the settled one in the lull after it. */
export type MemoryOf = (step: string, lull: string) => Pick<SearchStep, 'peakBytes' | 'floorBytes'>;

/** Steps as they were run, in their order: their verdicts as the run took them, their figures from its tables. */
export function searchSteps(
  records: readonly RequestRecord[],
  events: readonly RunEvent[],
  memoryOf: MemoryOf = () => ({ peakBytes: null, floorBytes: null }),
): readonly SearchStep[] {
  return begunSteps(events).map(({ ordinal, name, vus, repeats, planHash, startMs }) => {
    const verdict = events.find((event) => event.kind === 'search_verdict' && event.subject === name);
    const end = events.find((event) => event.kind === 'stage_end' && event.subject === name);
    const [, broken, why] = /^(broke|stopped): (.*)$/s.exec(verdict?.detail ?? '') ?? [];
    return {
      name,
      vus,
      repeats,
      planHash,
      startMs,
      endMs: end?.tMs ?? null,
      ...stepFigures(records.filter((record) => record.stage === name)),
      ...memoryOf(name, lullName(ordinal)),
      verdict: verdict === undefined ? 'unfinished' : broken === undefined ? 'kept' : (broken as 'broke' | 'stopped'),
      why: why ?? '',
    };
  });
}
