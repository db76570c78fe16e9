import { median } from '../base/statistics.ts';
import type { ProcessLife, RunEvent, Series, StageWindow } from '../model/artifacts.ts';
import type { Stage } from '../model/profile.ts';
import type { RequestRecord } from '../model/record.ts';
import type { Round, RoundFamily, Rounds } from '../model/rounds.ts';
import { between } from './series.ts';
import { type QuietWindow, quietWindows, sendsLoad } from './stages.ts';

/** Fewer samples are no floor: one garbage collection would decide it. */
export const leastSamples = 6;
/** Memory that is given back late belongs to the load, so only the later part of the quiet time counts. */
const settledShare = 0.5;
const newShare = 0.5;

interface RunOfRounds {
  stages: readonly StageWindow[];
  inFlight: Series;
  records: readonly RequestRecord[];
  processes: readonly ProcessLife[];
  events: readonly RunEvent[];
  /** What floors are taken of, by the metric's name. */
  metrics: ReadonlyMap<string, Series>;
}

/**
 * Equal loads and the floors after them: the same executor with the same settings and choice of items, told apart
 * by the name of their stages (`round-1`, `round-2` ... against `confirm-1` ...). A ladder has no equal loads.
 */
export function rounds(run: RunOfRounds): Rounds {
  const { stages, inFlight, processes, events } = run;
  const quiet = quietWindows(stages, inFlight);
  const sent = requestsByStage(run.records);
  const restartsMs = restartTimes(processes, events);
  const families: RoundFamily[] = [];
  for (const members of equalLoads(stages, ({ stage }) => stage)) {
    const all = members.map((stage) => roundOf(run, stage, quiet, sent.get(stage.name)?.requests ?? 0));
    const startMs = members[0]?.startMs ?? 0;
    const before = stages.findLast((stage) => stage.startMs < startMs && sendsLoad(stage));
    const { kept, isAfterRestart } = longestWithoutRestart(all, before?.startMs ?? startMs, restartsMs);
    const first = kept[0];
    if (first === undefined || members[0] === undefined) {
      continue;
    }
    const load = loadText(members[0].stage);
    const isWarm =
      isAfterRestart ||
      families.some((family) => family.rounds.length > 1) ||
      stages.some(
        (stage) => stage.kind === 'warmup' && stage.startMs < first.startMs && loadText(stage.stage) === load,
      );
    const ofNew = members.filter((stage) => (sent.get(stage.name)?.newShare ?? 0) >= newShare);
    families.push({
      name: familyName(members[0].name),
      load,
      hasNewInputs: ofNew.length > members.length / 2,
      warmup: isWarm ? null : first,
      rounds: isWarm ? kept : kept.slice(1),
    });
  }
  return { families, restartsMs };
}

/** Median of the settled part of a quiet time; null with fewer than 6 samples in all of it. */
export function floorIn(series: Series, { fromMs, toMs }: { fromMs: number; toMs: number }): number | null {
  const inside = between(series, fromMs, toMs);
  const seen = [...inside.values.keys()].filter((index) => !Number.isNaN(inside.values[index] ?? Number.NaN));
  if (seen.length < leastSamples) {
    return null;
  }
  const settledMs = toMs - (toMs - fromMs) * settledShare;
  const settled = seen.filter((index) => (inside.tMs[index] ?? 0) >= settledMs);
  const used = settled.length >= leastSamples ? settled : seen.slice(-leastSamples);
  return median(used.map((index) => inside.values[index] ?? Number.NaN));
}

/** Stages of equal load and the same name but for its number, of which there are at least two. */
export function equalLoads<S>(stages: readonly S[], stageOf: (one: S) => Stage): S[][] {
  const byKey = new Map<string, S[]>();
  for (const one of stages) {
    const stage = stageOf(one);
    if (stage.kind === 'load' && stage.load !== null) {
      const key = `${familyName(stage.name)} ${loadText(stage)}`;
      byKey.set(key, [...(byKey.get(key) ?? []), one]);
    }
  }
  return [...byKey.values()].filter((members) => members.length > 1);
}

/** Without its number; a name that has none belongs to all of its load. */
function familyName(stage: string): string {
  return /^(.+)-\d+$/.exec(stage)?.[1] ?? '';
}

/** For as long as an executor sends until its time is over, the time is part of the load. */
function loadText({ load, pick, durationMs }: Stage): string {
  const isCounted = load !== null && 'iterations' in load;
  return JSON.stringify({ load, pick, durationMs: isCounted || load?.executor === 'burst' ? null : durationMs });
}

function roundOf(run: RunOfRounds, stage: StageWindow, quiet: readonly QuietWindow[], requests: number): Round {
  const nextMs = run.stages.find((other) => other.startMs >= stage.endMs && sendsLoad(other))?.startMs;
  const window = quiet.findLast(
    ({ startMs }) => startMs >= stage.endMs - 1 && startMs < (nextMs ?? Number.POSITIVE_INFINITY),
  );
  const floorWindow = window === undefined ? null : { fromMs: window.startMs, toMs: window.endMs };
  const floors: Record<string, number> = {};
  for (const [metric, series] of floorWindow === null ? [] : run.metrics) {
    const value = floorWindow === null ? null : floorIn(series, floorWindow);
    if (value !== null) {
      floors[metric] = value;
    }
  }
  return { stage: stage.name, startMs: stage.startMs, floorWindow, requests, floors };
}

/** How many requests each stage sent, and the share of its items that no stage before it had sent. */
function requestsByStage(
  records: readonly RequestRecord[],
): ReadonlyMap<string, { requests: number; newShare: number }> {
  const byStage = new Map<string, RequestRecord[]>();
  for (const record of records.filter(({ startMs }) => startMs !== null)) {
    const ofStage = byStage.get(record.stage);
    if (ofStage === undefined) {
      byStage.set(record.stage, [record]);
    } else {
      ofStage.push(record);
    }
  }
  const firstMs = (ofStage: readonly RequestRecord[]): number =>
    ofStage.reduce((least, { startMs }) => Math.min(least, startMs ?? least), Number.POSITIVE_INFINITY);
  const seen = new Set<string>();
  const shares = new Map<string, { requests: number; newShare: number }>();
  for (const [stage, ofStage] of [...byStage].sort(([, a], [, b]) => firstMs(a) - firstMs(b))) {
    const items = new Set(ofStage.map(({ itemId }) => itemId));
    const fresh = [...items].filter((item) => !seen.has(item));
    shares.set(stage, { requests: ofStage.length, newShare: fresh.length / ofStage.length });
    for (const item of fresh) {
      seen.add(item);
    }
  }
  return shares;
}

/** A target that was started anew has another floor. */
function restartTimes(processes: readonly ProcessLife[], events: readonly RunEvent[]): number[] {
  const told = events.filter(
    ({ kind, subject }) => kind === 'restart' || kind === 'target_gone' || (kind === 'oom_kill' && subject !== 'host'),
  );
  const roots = processes.flatMap(({ isRoot, goneMs }) => (isRoot && goneMs !== null ? [goneMs] : []));
  return [...new Set([...told.map(({ tMs }) => tMs), ...roots])].sort((a, b) => a - b);
}

/**
 * The longest stretch of rounds by one and the same target. A round in which it was started anew is lost, and the
 * next one fills its pools again, so it is no judged one either.
 */
function longestWithoutRestart(
  all: readonly Round[],
  sinceMs: number,
  restartsMs: readonly number[],
): { kept: Round[]; isAfterRestart: boolean } {
  let longest: { kept: Round[]; isAfterRestart: boolean } = { kept: [], isAfterRestart: false };
  let current = longest;
  let isCold = false;
  let fromMs = sinceMs;
  for (const round of all) {
    const toMs = round.floorWindow?.toMs ?? round.startMs;
    const restarted = restartsMs.filter((tMs) => tMs > fromMs && tMs <= toMs);
    fromMs = toMs;
    const isFirstAgain = isCold || restarted.length > 0;
    isCold = restarted.some((tMs) => tMs > round.startMs);
    if (isFirstAgain) {
      current = { kept: [], isAfterRestart: true };
      continue;
    }
    current.kept.push(round);
    longest = current.kept.length > longest.kept.length ? current : longest;
  }
  return longest;
}
