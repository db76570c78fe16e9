import { median } from '../base/statistics.ts';
import {
  type Footprint,
  type ItemTraits,
  isUnavailable,
  type Ladder,
  type LadderRung,
  type LadderSlope,
  type LoadUnit,
  loadUnits,
  type RunEvent,
  type Series,
  type StageWindow,
  type Unavailable,
} from '../model/artifacts.ts';
import type { Load, Stage } from '../model/profile.ts';
import type { RequestRecord } from '../model/record.ts';
import { inFlight } from './in-flight.ts';
import { type LadderPoint, ladderSlope } from './ladder-slope.ts';
import { between } from './series.ts';
import { stagePeak } from './stage-peak.ts';
import { quietWindows } from './stages.ts';
import { levelHeldFor, levelWithin, unitsInFlight } from './traits.ts';

/** A level counts only if it is higher than the ones before; a mean of 8 callers is never exactly 8. */
const higherRatio = 1.1;
/** A stage that rises to its highest and falls again is no level. */
const levelRatio = 0.6;
/** The base may move so much between two levels. */
const steadyRatio = 0.05;
/** A kill or a stop is noticed a little after what caused it. */
const noticeMs = 2000;
const minimumFloorSamples = 3;
/** Of the time of a level: what was in flight for less may have gone before memory followed. */
const sustainedShare = 0.1;

interface Measured {
  footprint: Footprint;
  stages: readonly StageWindow[];
  events: readonly RunEvent[];
  busy: Series;
  /** Stages in which anything was answered: refused connections hold no memory. */
  answered: ReadonlySet<string>;
}

/** A judged stage that goes higher than all before it. */
interface Level {
  window: StageWindow;
  peakBytes: number;
  isCut: boolean;
  /** What was in flight counts by its highest, not by its mean. */
  isAtHighest: boolean;
}

/**
 * Memory over what is in flight: a rung is a judged stage of steady load that goes higher than all before it, since
 * memory that an earlier level left behind would hide what a later, lower one needs. x = measured mean in flight,
 * y = highest footprint; where nothing is in flight, y is the settled level after something was.
 */
export function ladder(
  footprint: Footprint | Unavailable,
  stages: readonly StageWindow[],
  events: readonly RunEvent[],
  requests: {
    records: readonly RequestRecord[];
    items: ReadonlyMap<string, ItemTraits>;
    planned: readonly Stage[];
    /** Of these records, where it is known already. */
    busy?: Series;
  },
): Ladder | Unavailable {
  if (isUnavailable(footprint)) {
    return footprint;
  }
  const { records, items, busy = inFlight(records) } = requests;
  const measured = { footprint, stages, events, busy, answered: answeredStages(records) };
  const rungs = rungsOf(levelsOf(measured), busy, (unit) => unitsInFlight(records, items, unit));
  const floors = settledFloors(measured, rungs);
  const base = floors[0] ?? null;
  const known = rungs.filter(({ isCut }) => !isCut);
  const points = (unit: LoadUnit): LadderPoint[] => [
    ...(base === null ? [] : [{ x: 0, bytes: base }]),
    ...known.flatMap((rung) => {
      const x = rung.inFlight[unit];
      return x === null ? [] : [{ x, bytes: rung.peakBytes }];
    }),
  ];
  const slopes = loadUnits.flatMap((unit) =>
    known.every((rung) => rung.inFlight[unit] !== null) ? (ladderSlope(unit, points(unit)) ?? []) : [],
  );
  const baseBytes = base ?? intercept(points('requests'), slopes[0]?.bytes ?? 0);
  return {
    rungs,
    baseBytes,
    isBaseSteady: isSteady(floors, known),
    slopes: slopes.map((slope) => atLeast(slope, baseBytes, rungs.find(({ isCut }) => isCut) ?? null)),
    unknownWhy: slopes.length > 0 ? null : whyUnknown(rungs, known, base),
    asked: askedOf(measured, requests.planned),
  };
}

function answeredStages(records: readonly RequestRecord[]): ReadonlySet<string> {
  const stages = new Set<string>();
  for (const { outcome, stage } of records) {
    if (outcome === 'ok' || outcome === 'semantic_error') {
      stages.add(stage);
    }
  }
  return stages;
}

/** What a level had reached when memory ended it is the least that it needs. */
function atLeast(slope: LadderSlope, baseBytes: number, cut: LadderRung | null): LadderSlope {
  const x = cut === null ? null : cut.inFlight[slope.unit];
  if (cut === null || x === null || x <= 0) {
    return slope;
  }
  const least = (cut.peakBytes - baseBytes) / x;
  return { ...slope, bytes: Math.max(slope.bytes, least), upperBytes: Math.max(slope.upperBytes, least) };
}

function whyUnknown(rungs: readonly LadderRung[], known: readonly LadderRung[], base: number | null): string {
  if (rungs.length === 0) {
    return 'the run has no judged stage of a steady number of requests at once';
  }
  if (known.length === 0) {
    return `the first level, ${rungs[0]?.stage ?? ''}, was ended by a kill or by the guard`;
  }
  return base === null
    ? `the run has one level only, ${known[0]?.stage ?? ''}, and no quiet time after load to compare it with`
    : 'too few levels were measured';
}

/** Unit after unit: what was in flight of one takes as much room as the requests in flight. */
function rungsOf(
  levels: readonly Level[],
  busy: Series,
  stepsOf: (unit: LoadUnit) => Series | null,
): readonly LadderRung[] {
  const units = loadUnits.map((unit) => {
    const steps = unit === 'requests' || levels.length === 0 ? busy : stepsOf(unit);
    const reached = levels.map(({ window, isAtHighest }) => {
      const part = steps === null ? null : levelWithin(steps, busy, window);
      return part === null ? null : isAtHighest ? part.highest : part.mean;
    });
    return { unit, reached };
  });
  return levels.map(({ window, peakBytes, isCut }, place) => ({
    stage: window.name,
    startMs: window.startMs,
    endMs: window.endMs,
    inFlight: Object.fromEntries(
      units.map(({ unit, reached }) => [unit, reached[place] ?? null]),
    ) as LadderRung['inFlight'],
    sustainedRequests: sustainedIn(busy, window),
    peakBytes,
    isCut,
  }));
}

function sustainedIn(busy: Series, window: StageWindow): number {
  return levelHeldFor(busy, window, sustainedShare * (window.endMs - window.startMs));
}

function levelsOf({ footprint, stages, events, busy, answered }: Measured): readonly Level[] {
  const levels: Level[] = [];
  let reached = 0;
  for (const window of stages) {
    // What comes after is no level of this server any more: it was replaced, or nobody listens.
    if (levels.at(-1)?.isCut === true) {
      break;
    }
    const { load } = window.stage;
    const level = levelWithin(busy, busy, window);
    if (window.kind !== 'load' || load === null || level === null) {
      continue;
    }
    const isCut = events.some(
      ({ kind, subject, tMs }) => tMs >= window.startMs && tMs <= window.endMs + noticeMs && endsLevel(kind, subject),
    );
    // Until the end of a level that memory ended, no mean of it could settle.
    const isAtHighest = isCut || load.executor === 'burst';
    const x = isAtHighest ? level.highest : level.mean;
    const peakBytes = stagePeak(footprint, stages, window);
    if (peakBytes === null || x <= reached * higherRatio || x < levelRatio * level.highest) {
      continue;
    }
    if (!isCut && !answered.has(window.name)) {
      continue;
    }
    reached = x;
    levels.push({ window, peakBytes, isCut, isAtHighest });
  }
  return levels;
}

/** Whether memory ended a level: what it reached is then not what it needs. */
export function endsLevel(kind: RunEvent['kind'], subject: string): boolean {
  return (
    (kind === 'oom_kill' && subject !== 'host') ||
    (kind === 'guard_stop' && subject === 'target') ||
    kind === 'target_gone'
  );
}

/** Settled level of each quiet time up to the last rung, or to the first one after it if there was none before. */
function settledFloors({ footprint, stages, busy }: Measured, rungs: readonly LadderRung[]): readonly number[] {
  const floors = quietWindows(stages, busy).flatMap(({ startMs, endMs }) => {
    const last = between(footprint.total, endMs - (endMs - startMs) / 3, endMs).values;
    const bytes = last.filter((value) => !Number.isNaN(value)).length < minimumFloorSamples ? null : median(last);
    return bytes === null ? [] : [{ startMs, bytes }];
  });
  const firstMs = rungs[0]?.startMs ?? 0;
  const lastMs = rungs.at(-1)?.startMs ?? 0;
  const before = floors.findLast(({ startMs }) => startMs < firstMs);
  const amid = floors.filter(({ startMs }) => startMs >= firstMs && startMs < lastMs);
  const after = floors.find(({ startMs }) => startMs >= lastMs);
  const used = before === undefined ? amid : [before, ...amid];
  return (used.length > 0 ? used : after === undefined ? [] : [after]).map(({ bytes }) => bytes);
}

function isSteady(floors: readonly number[], known: readonly LadderRung[]): boolean {
  const base = floors[0];
  if (base === undefined) {
    return true;
  }
  // Of a small process 5 % are less than its garbage: 5 % of what the first level added are as harmless.
  const allowed = steadyRatio * Math.max(base, (known[0]?.peakBytes ?? base) - base);
  return floors.every((bytes) => Math.abs(bytes - base) <= allowed);
}

function intercept(points: readonly LadderPoint[], slope: number): number {
  return Math.max(0, median(points.map(({ x, bytes }) => bytes - slope * x)) ?? 0);
}

/**
 * The most at once of all stages that ran; of the whole profile where memory ended the load before its time. Of a load
 * by rate nobody asked for its highest moment: without a kill memory had room for it.
 */
function askedOf({ stages, events, busy }: Measured, planned: readonly Stage[]): Ladder['asked'] {
  const isEnded = events.some(({ kind, subject }) => endsLevel(kind, subject));
  let asked = { concurrency: 0, stage: '' };
  const consider = (stage: string, concurrency: number): void => {
    asked = concurrency > asked.concurrency ? { concurrency, stage } : asked;
  };
  for (const window of stages) {
    const reached = isEnded ? (levelWithin(busy, busy, window)?.highest ?? 0) : sustainedIn(busy, window);
    consider(window.name, concurrencyOf(window.stage.load) ?? reached);
  }
  for (const { name, load } of isEnded ? planned : []) {
    consider(name, concurrencyOf(load) ?? 0);
  }
  return asked;
}

/** Requests at once that a load asks for; null where that depends on how fast the answers come. */
function concurrencyOf(load: Load | null): number | null {
  if (load === null) {
    return null;
  }
  if ('vus' in load) {
    return load.vus;
  }
  return 'size' in load ? Math.min(load.maxInFlight, load.size * load.repeats) : null;
}
