import { largest, median } from '../base/statistics.ts';
import type { Footprint, ItemTraits, Series, StageWindow } from '../model/artifacts.ts';
import type { KeptByAnswers } from '../model/kept-answers.ts';
import type { RequestRecord } from '../model/record.ts';
import { growth, whyNoTrend } from './growth.ts';
import { stepAt } from './in-flight.ts';
import { between, maximum } from './series.ts';
import { quietWindows } from './stages.ts';

/** Fewer are the warm-up of a server. */
const leastAnswers = 12;
/** As often every place of the highest level must have answered: pools and arenas are filled by then. */
const turnsEach = 2;
/** Of the rise so much must be explained by what was answered, */
const explainedRatio = 0.5;
/** and so much must stay once nothing is in flight. */
const keptRatio = 0.75;
/** Larger items later than before raise an arena that keeps its largest shape. */
const largerRatio = 1.25;
/** What fails or is given up may be held for another reason. */
const answeredRatio = 0.8;
/** Samples that make a level. */
const levelSamples = 3;

interface Run {
  records: readonly RequestRecord[];
  items: ReadonlyMap<string, ItemTraits>;
  stages: readonly StageWindow[];
  inFlight: Series;
}

interface Ended extends RequestRecord {
  endMs: number;
}

/** A level of memory, and how many requests had been answered by then. */
interface Point {
  answers: number;
  bytes: number;
  tMs: number;
}

/**
 * Whether memory follows what was answered and not what is in flight (PROTOCOL 17.5). While no more was in flight than
 * before, it rises with each answer, as steadily in the later half as in the first; and it stays where nothing is in
 * flight any more. null: not shown. A warm-up levels off, and what a request holds goes with it, so that neither passes.
 * It needs one level alone, as a load that was stopped has; `cumulativeWhy` asks the pauses between several.
 */
export function keptByAnswers(
  { total, baselineBytes, peakBytes }: Pick<Footprint, 'total' | 'baselineBytes' | 'peakBytes'>,
  run: Run,
): KeptByAnswers | null {
  const answered = run.records.filter(isAnswered).sort((a, b) => a.endMs - b.endMs);
  const last = answered.at(-1);
  if (last === undefined || answered.length < leastAnswers) {
    return null;
  }
  const level = longestLevel(total, answered, run.inFlight);
  const series = byAnswers(level.points);
  const firstPoint = level.points[0];
  const lastPoint = level.points.at(-1);
  if (firstPoint === undefined || lastPoint === undefined || whyNoTrend(series) !== null) {
    return null;
  }
  const span = lastPoint.answers - firstPoint.answers;
  const isWarm = span >= Math.max(leastAnswers, turnsEach * level.mostInFlight);
  const during = run.records.filter(({ endMs }) => endMs !== null && endMs >= firstPoint.tMs && endMs <= lastPoint.tMs);
  if (!isWarm || !isMostlyAnswered(during) || growsInSize(during, run.items)) {
    return null;
  }
  // The slope of the line itself: the axis counts answers, not milliseconds.
  const perAnswer = growth(series)?.fit.slope ?? 0;
  const baseBytes = baselineBytes ?? firstPoint.bytes;
  const kept = keptAtRest(total, baseBytes, last.endMs, run);
  return perAnswer * answered.length < explainedRatio * (peakBytes - baseBytes) || kept === null || kept < keptRatio
    ? null
    : {
        bytesPerAnswer: perAnswer,
        answers: answered.length,
        mostInFlight: maximum(run.inFlight)?.value ?? 0,
        keptRatio: kept,
      };
}

function isAnswered(record: RequestRecord): record is Ended {
  return record.outcome === 'ok' && record.endMs !== null;
}

/** The samples of the longest time, by answers, in which the most in flight so far did not grow. */
function longestLevel(
  total: Series,
  answered: readonly Ended[],
  inFlight: Series,
): { points: readonly Point[]; mostInFlight: number } {
  const endMs = answered.at(-1)?.endMs ?? 0;
  let best: { points: Point[]; mostInFlight: number } = { points: [], mostInFlight: 0 };
  let now: typeof best = { points: [], mostInFlight: 0 };
  const spanOf = ({ points }: typeof best): number => (points.at(-1)?.answers ?? 0) - (points[0]?.answers ?? 0);
  let answers = 0;
  let change = 0;
  let most = 0;
  for (const [index, tMs] of total.tMs.entries()) {
    for (; change < inFlight.tMs.length && (inFlight.tMs[change] ?? 0) <= tMs; change += 1) {
      most = Math.max(most, inFlight.values[change] ?? 0);
    }
    while (answers < answered.length && (answered[answers]?.endMs ?? 0) <= tMs) {
      answers += 1;
    }
    const bytes = total.values[index] ?? Number.NaN;
    if (most === 0 || tMs > endMs || Number.isNaN(bytes)) {
      continue;
    }
    if (most > now.mostInFlight) {
      now = { points: [], mostInFlight: most };
    }
    now.points.push({ answers, bytes, tMs });
    best = spanOf(now) >= spanOf(best) ? now : best;
  }
  return best;
}

/** One point for each number of answers: what requests in flight add for a while is not in a median. */
function byAnswers(points: readonly Point[]): Series {
  const levels = new Map<number, number[]>();
  for (const { answers, bytes } of points) {
    const level = levels.get(answers);
    if (level === undefined) {
      levels.set(answers, [bytes]);
    } else {
      level.push(bytes);
    }
  }
  const counts = [...levels.keys()];
  return {
    tMs: Float64Array.from(counts),
    values: Float64Array.from(counts, (count) => median(levels.get(count) ?? []) ?? Number.NaN),
  };
}

function isMostlyAnswered(ended: readonly RequestRecord[]): boolean {
  const sent = ended.filter(({ startMs }) => startMs !== null);
  return sent.filter(isAnswered).length >= answeredRatio * sent.length;
}

/** Whether the items of the later half were larger than all before. An item that is not known has no size. */
function growsInSize(ended: readonly RequestRecord[], items: Run['items']): boolean {
  const sizes = ended.map(({ itemId }) => {
    const traits = items.get(itemId);
    return traits === undefined ? 0 : (traits.audioSeconds ?? traits.pixels ?? traits.bytes);
  });
  const middle = sizes.length >> 1;
  return (largest(sizes.slice(middle)) ?? 0) > largerRatio * (largest(sizes.slice(0, middle)) ?? 0);
}

/** Share of the rise that is still there in the first half of the quiet time after the load; null: not seen. */
function keptAtRest(total: Series, baseBytes: number, endMs: number, { stages, inFlight }: Run): number | null {
  const quiet = quietWindows(stages, inFlight).find((window) => window.endMs > endMs);
  const before = seen(between(total, Number.NEGATIVE_INFINITY, endMs)).slice(-levelSamples);
  if (quiet === undefined || stepAt(inFlight, quiet.startMs) > 0) {
    return null;
  }
  const after = seen(between(total, quiet.startMs, (quiet.startMs + quiet.endMs) / 2));
  const roseBytes = (median(before) ?? baseBytes) - baseBytes;
  return after.length < levelSamples || roseBytes <= 0 ? null : ((median(after) ?? 0) - baseBytes) / roseBytes;
}

function seen({ values }: Series): readonly number[] {
  return [...values].filter((value) => !Number.isNaN(value));
}
