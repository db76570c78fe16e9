import { median } from '../base/statistics.ts';
import { formatBytes } from '../base/units.ts';
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
import type { Stage } from '../model/profile.ts';
import type { RequestRecord } from '../model/record.ts';
import type { SearchResult } from '../model/search.ts';
import { cumulativeWhy, loadedFloors } from './cumulative.ts';
import { inFlight } from './in-flight.ts';
import { askedOf, sustainedIn } from './ladder-asked.ts';
import { type Floor, isLeakingFloor, ladderBase } from './ladder-base.ts';
import { type LadderPoint, ladderSlope } from './ladder-slope.ts';
import { between } from './series.ts';
import { stagePeak } from './stage-peak.ts';
import { quietWindows } from './stages.ts';
import { levelWithin, unitsInFlight } from './traits.ts';

/** A level counts only if it is higher than the ones before; a mean of 8 callers is never exactly 8. */
const higherRatio = 1.1;
/** A stage that rises to its highest and falls again is no level. */
const levelRatio = 0.6;
/** The base may move so much between two levels. */
const steadyRatio = 0.05;
/** A kill or a stop is noticed a little after what caused it. */
const noticeMs = 2000;
const minimumFloorSamples = 3;

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
    /** What the steps of a search came to, given what the pauses say of a leak; absent: the run has none. */
    searched?: (cumulativeWhy: string | null) => SearchResult | null;
  },
): Ladder | Unavailable {
  if (isUnavailable(footprint)) {
    return footprint;
  }
  const { records, items, busy = inFlight(records), searched = () => null } = requests;
  const measured = { footprint, stages, events, busy, answered: answeredStages(records) };
  const { levels: found, leftOut } = levelsOf(measured);
  const rungs = rungsOf(found, busy, (unit) => unitsInFlight(records, items, unit));
  const everyFloor = allFloors(measured);
  const floors = settledFloors(everyFloor, rungs);
  const floor = floors[0] ?? null;
  const known = rungs.filter(({ isCut }) => !isCut);
  const levels = (unit: LoadUnit): LadderPoint[] =>
    known.flatMap((rung) => {
      const x = rung.inFlight[unit];
      return x === null ? [] : [{ x, bytes: rung.peakBytes }];
    });
  const startsMs = rungs.map(({ startMs }) => startMs);
  const base = ladderBase(levels('requests'), floor, {
    beforeBytes: footprint.baselineBytes,
    isLeaking: isLeakingFloor(everyFloor, startsMs),
  });
  const atRest = floor === null || base.reusedBytes !== null ? [] : [{ x: 0, bytes: floor }];
  const slopes = loadUnits.flatMap((unit) =>
    known.every((rung) => rung.inFlight[unit] !== null) ? (ladderSlope(unit, [...atRest, ...levels(unit)]) ?? []) : [],
  );
  const cumulative = cumulativeWhy(loadedFloors(everyFloor, rungs, records));
  const search = searched(cumulative);
  return {
    rungs,
    leftOut,
    baseBytes: base.bytes,
    reusedBytes: base.reusedBytes,
    isBaseSteady: isSteady(floors, known),
    slopes: slopes.map((slope) => notNegative(atLeast(slope, base.bytes, rungs.find(({ isCut }) => isCut) ?? null))),
    unknownWhy: slopes.length > 0 ? null : whyUnknown(rungs, known, floor),
    // A level that was repeated without a rise settles what its pauses leave open.
    cumulativeWhy: (search?.confirmedVus ?? null) === null ? cumulative : null,
    reuseUnseenWhy: reuseUnseen(base.reusedBytes, everyFloor, stages, startsMs[0] ?? Number.POSITIVE_INFINITY),
    search,
    asked: askedOf(
      measured,
      requests.planned,
      measured.events.some(({ kind, subject }) => endsLevel(kind, subject)),
    ),
  };
}

/** Only a load that comes after a pause shows whether requests take again what they left there (PROTOCOL 17.1). */
function reuseUnseen(
  reusedBytes: number | null,
  floors: readonly Floor[],
  stages: readonly StageWindow[],
  firstLevelMs: number,
): string | null {
  const pause = floors.find(({ startMs }) => startMs >= firstLevelMs);
  const isLoaded = stages.some(({ kind, startMs }) => kind === 'load' && startMs > (pause?.startMs ?? 0));
  return reusedBytes === null || pause === undefined || isLoaded
    ? null
    : `memory stayed at ${formatBytes(reusedBytes)} after the load, and no load came after that: whether requests use it again, or whether it follows how many were answered, capacity-search tells, which repeats its steps`;
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

/** Requests give no memory back by being more: the range of a small slope ends at zero. */
function notNegative(slope: LadderSlope): LadderSlope {
  return { ...slope, lowerBytes: Math.min(slope.bytes, Math.max(0, slope.lowerBytes)) };
}

function whyUnknown(rungs: readonly LadderRung[], known: readonly LadderRung[], base: number | null): string {
  if (rungs.length === 0) {
    return 'the run has no judged stage of a steady number of requests at once';
  }
  if (known.length === 0) {
    return `the first level, ${rungs[0]?.stage ?? ''}, was ended by a kill or by the guard`;
  }
  return base === null
    ? `memory was measured at one level of load only (stage ${known[0]?.stage ?? ''}), and not without load after it; a second level, or a quiet stage at the end, would show what one request takes`
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

function levelsOf({ footprint, stages, events, busy, answered }: Measured): {
  levels: readonly Level[];
  leftOut: Ladder['leftOut'];
} {
  const levels: Level[] = [];
  const leftOut: { stage: string; why: string }[] = [];
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
    const why = whyNoLevel({
      hasSamples: peakBytes !== null,
      isHigher: x > reached * higherRatio,
      isSteady: x >= levelRatio * level.highest,
      isAnswered: isCut || answered.has(window.name),
    });
    if (peakBytes === null || why !== null) {
      leftOut.push({ stage: window.name, why: why ?? '' });
      continue;
    }
    reached = x;
    levels.push({ window, peakBytes, isCut, isAtHighest });
  }
  return { levels, leftOut };
}

function whyNoLevel(is: {
  hasSamples: boolean;
  isHigher: boolean;
  isSteady: boolean;
  isAnswered: boolean;
}): string | null {
  if (!is.hasSamples) {
    return 'no sample of memory';
  }
  if (!is.isHigher) {
    return 'no more in flight than before it';
  }
  if (!is.isSteady) {
    return 'what was in flight rose and fell';
  }
  return is.isAnswered ? null : 'nothing was answered';
}

/** Whether memory ended a level: what it reached is then not what it needs. */
export function endsLevel(kind: RunEvent['kind'], subject: string): boolean {
  return (
    (kind === 'oom_kill' && subject !== 'host') ||
    (kind === 'guard_stop' && subject === 'target') ||
    kind === 'target_gone'
  );
}

/** Settled level of each quiet time after load. */
function allFloors({ footprint, stages, busy }: Measured): readonly Floor[] {
  return quietWindows(stages, busy).flatMap(({ startMs, endMs }) => {
    const last = between(footprint.total, endMs - (endMs - startMs) / 3, endMs).values;
    const bytes = last.filter((value) => !Number.isNaN(value)).length < minimumFloorSamples ? null : median(last);
    return bytes === null ? [] : [{ startMs, bytes }];
  });
}

/** Those up to the last rung, or the first one after it if there was none before. */
function settledFloors(floors: readonly Floor[], rungs: readonly LadderRung[]): readonly number[] {
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
