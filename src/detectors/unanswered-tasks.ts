import { formatClock, formatDuration } from '../base/units.ts';
import { answered } from '../computed/latency.ts';
import { hasValues, maximum } from '../computed/series.ts';
import { stageAt } from '../computed/stages.ts';
import type { Series } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';

/** Fewer answers give no rate. */
const fewestAnswers = 12;

export const unansweredTasks = defineDetector({
  id: 'unanswered-tasks',
  title: 'Every task that is taken is answered once',
  failureTitle: 'Tasks are taken and not answered in time, or answered twice',
  description:
    'Leases that end without an answer, second answers, and more tasks reserved than can be answered in a lease.',
  unit: 'tasks',
  remedy:
    'Take fewer tasks at once: what is reserved must be answered within one lease (tasks <= lease x tasks a second). Answer a task that failed as failed, and never drop a result.',
  requires: ['jobBoard', 'records', 'stages'],
  detect({ jobBoard, records, stages }) {
    const base = { value: null, threshold: 0 };
    const { reserved, expired, duplicates, late, leaseMs } = jobBoard;
    const taken = maximum(reserved);
    if (taken === null || !(taken.value > 0 || records.some(({ startMs }) => startMs !== null))) {
      return { ...base, verdict: 'inconclusive', summary: 'No task was taken.' };
    }
    const counts = { expired: lastOf(expired), duplicates: lastOf(duplicates), late: lastOf(late) };
    const bad = counts.expired + counts.duplicates + counts.late;
    const evidence = { holder: null, ...counts, mostReserved: taken.value, leaseMs };
    if (bad > 0) {
      const startedMs = Math.min(...[expired, duplicates, late].map(firstRiseMs));
      return {
        verdict: 'fail',
        summary: `${counts.expired} tasks were not answered within their lease, ${counts.late} were answered after it and ${counts.duplicates} twice, from ${formatClock(startedMs)} on; up to ${taken.value} were reserved at once.`,
        value: bad,
        threshold: 0,
        stage: stageAt(stages, startedMs)?.name ?? null,
        startedMs,
        evidence,
      };
    }
    const most = leaseMs === null ? null : answeredPerMs(records) * leaseMs;
    if (leaseMs !== null && most !== null && !Number.isNaN(most) && taken.value > most) {
      return {
        verdict: 'warn',
        summary: `${taken.value} tasks were reserved at ${formatClock(taken.tMs)}, and ${Math.floor(most)} are answered within a lease of ${formatDuration(leaseMs)}: the last ones will be done twice.`,
        value: taken.value,
        threshold: Math.floor(most),
        stage: stageAt(stages, taken.tMs)?.name ?? null,
        startedMs: taken.tMs,
        evidence,
      };
    }
    const beside = hasValues(expired) ? 'and each was answered at most once within its lease' : 'and none twice';
    return {
      ...base,
      verdict: 'ok',
      value: 0,
      summary: `Up to ${taken.value} tasks were reserved at once, ${beside}.`,
      evidence,
    };
  },
});

function lastOf(counter: Series): number {
  return counter.values.findLast((value) => !Number.isNaN(value)) ?? 0;
}

function firstRiseMs(counter: Series): number {
  const index = counter.values.findIndex((value) => value > 0);
  return index < 0 ? Number.POSITIVE_INFINITY : (counter.tMs[index] ?? 0);
}

/** Good answers per ms between the first and the last; NaN for too few. */
function answeredPerMs(records: Parameters<typeof answered>[0]): number {
  const times = answered(records).map(({ endMs }) => endMs);
  const first = times.reduce((least, tMs) => Math.min(least, tMs), Number.POSITIVE_INFINITY);
  const last = times.reduce((most, tMs) => Math.max(most, tMs), 0);
  return times.length < fewestAnswers || last <= first ? Number.NaN : (times.length - 1) / (last - first);
}
