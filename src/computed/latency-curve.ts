import { sortedFinite } from '../base/statistics.ts';
import type { RequestRecord } from '../model/record.ts';
import type { LatencyCurve } from '../model/result.ts';
import { answered } from './latency.ts';

/** Points to each power of ten of 1 / (1 - p). */
const pointsPerDecade = 12;
/** Those that people look for. */
const named = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999];
/** Stages with fewer answers are a handful of values, not a curve. */
const leastAnswers = 20;
const maxStages = 3;

/**
 * How long the slowest share of answers took, up to the share that one answer is: all answers from planned time and
 * from sending, then the stages with most answers from planned time. Empty without answers.
 */
export function latencyCurves(records: readonly RequestRecord[]): readonly LatencyCurve[] {
  const replies = answered(records);
  const byStage = new Map<string, number[]>();
  for (const { stage, plannedMs, endMs } of replies) {
    const ofStage = byStage.get(stage);
    if (ofStage === undefined) {
      byStage.set(stage, [endMs - plannedMs]);
    } else {
      ofStage.push(endMs - plannedMs);
    }
  }
  const stages = [...byStage].filter(([, values]) => values.length >= leastAnswers);
  // One stage alone is the curve of all.
  const shown = byStage.size < 2 ? [] : stages.toSorted(([, a], [, b]) => b.length - a.length).slice(0, maxStages);
  return [
    curve(
      { stage: null, from: 'planned' },
      replies.map(({ plannedMs, endMs }) => endMs - plannedMs),
    ),
    curve(
      { stage: null, from: 'sent' },
      replies.flatMap(({ startMs, endMs }) => (startMs === null ? [] : [endMs - startMs])),
    ),
    ...shown.map(([stage, values]) => curve({ stage, from: 'planned' }, values)),
  ].filter(({ points }) => points.length > 0);
}

function curve(of: Pick<LatencyCurve, 'stage' | 'from'>, valuesMs: readonly number[]): LatencyCurve {
  const sorted = sortedFinite(valuesMs);
  const decades = Math.log10(Math.max(1, sorted.length));
  const steps = Array.from({ length: Math.floor(decades * pointsPerDecade) + 1 }, (_, step) =>
    Number((1 - 10 ** (-step / pointsPerDecade)).toFixed(9)),
  );
  const ratios = [...steps, ...named.filter((ratio) => sorted.length * (1 - ratio) >= 1 - 1e-9)];
  return {
    ...of,
    answers: sorted.length,
    points: [...new Set(ratios)]
      .sort((a, b) => a - b)
      .flatMap((ratio) => {
        // Nearest rank; a share such as 0.99 of 100 must not be taken for a little more than 99.
        const ms = sorted[Math.max(0, Math.ceil(sorted.length * ratio - 1e-9) - 1)];
        return ms === undefined ? [] : [{ ratio, ms }];
      }),
  };
}
