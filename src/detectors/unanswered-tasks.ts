import { formatClock, formatDuration } from '../base/units.ts';
import { answered } from '../computed/latency.ts';
import { hasValues, maximum } from '../computed/series.ts';
import { stageAt } from '../computed/stages.ts';
import type { Series } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';
import type { JobBoardCounts } from '../model/server-gauges.ts';

/** Fewer answers give no rate. */
const fewestAnswers = 12;

export const unansweredTasks = defineDetector({
  id: 'unanswered-tasks',
  title: 'Every task that is taken is answered once',
  failureTitle: 'Tasks are taken and not answered in time, or answered twice',
  description:
    'Leases that end without an answer, second answers, and more tasks reserved than can be answered in a whole lease.',
  unit: 'tasks',
  remedy:
    'Take fewer tasks at once: what is reserved must be answered within one lease (tasks <= lease x tasks a second). Answer a task that failed as failed, and never drop a result.',
  requires: ['jobBoard', 'records', 'stages'],
  detect({ jobBoard, records, stages }) {
    const base = { value: null, threshold: 0 };
    const { reserved, expired, duplicates, late, leaseMs, wholeLeaseMs } = jobBoard;
    const taken = maximum(reserved);
    if (taken === null || !(taken.value > 0 || records.some(({ startMs }) => startMs !== null))) {
      return { ...base, verdict: 'inconclusive', summary: 'No task was taken.' };
    }
    const counts = { expired: lastOf(expired), duplicates: lastOf(duplicates), late: lastOf(late) };
    const evidence = { holder: null, ...counts, mostReserved: taken.value, leaseMs };
    const isShortened = leaseMs !== null && wholeLeaseMs !== null && leaseMs < wholeLeaseMs;
    const bad = isShortened ? counts.duplicates : counts.expired + counts.duplicates + counts.late;
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
    const most = wholeLeaseMs === null ? null : answeredPerMs(records, late) * wholeLeaseMs;
    if (wholeLeaseMs !== null && most !== null && !Number.isNaN(most) && taken.value > most) {
      return {
        verdict: 'warn',
        summary: `${taken.value} tasks were reserved at ${formatClock(taken.tMs)}, and ${Math.floor(most)} are answered within a lease of ${formatDuration(wholeLeaseMs)}: the last ones will be done twice.`,
        value: taken.value,
        threshold: Math.floor(most),
        stage: stageAt(stages, taken.tMs)?.name ?? null,
        startedMs: taken.tMs,
        evidence,
      };
    }
    if (counts.expired + counts.late > 0) {
      return { ...base, verdict: 'inconclusive', summary: shortenedText(counts, jobBoard), evidence };
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

/** The scale shortens a lease and not the work of a task: whose lease then ends did nothing wrong by that. */
function shortenedText(
  { expired, late }: { expired: number; late: number },
  { leaseMs, wholeLeaseMs }: JobBoardCounts,
): string {
  const [short, whole] = [formatDuration(leaseMs ?? 0), formatDuration(wholeLeaseMs ?? 0)];
  return `${expired} tasks were not answered within ${short} and ${late} were answered after it, but a lease lasts ${whole} at scale 1, and tasks are as much work at any scale. Run it at a greater --scale.`;
}

function lastOf(counter: Series): number {
  return counter.values.findLast((value) => !Number.isNaN(value)) ?? 0;
}

function firstRiseMs(counter: Series): number {
  const index = counter.values.findIndex((value) => value > 0);
  return index < 0 ? Number.POSITIVE_INFINITY : (counter.tMs[index] ?? 0);
}

/** Good answers and late ones per ms, between the first and the last; NaN for too few. */
function answeredPerMs(records: Parameters<typeof answered>[0], late: Series): number {
  const times = answered(records).map(({ endMs }) => endMs);
  const lateTimes = risesMs(late);
  const first = [...times, ...lateTimes].reduce((least, tMs) => Math.min(least, tMs), Number.POSITIVE_INFINITY);
  const last = [...times, ...lateTimes].reduce((most, tMs) => Math.max(most, tMs), 0);
  const count = times.length + lastOf(late);
  return count < fewestAnswers || last <= first ? Number.NaN : (count - 1) / (last - first);
}

function risesMs({ values, tMs }: Series): number[] {
  return Array.from(tMs).filter((_, index) => (values[index] ?? 0) > (values[index - 1] ?? 0));
}
