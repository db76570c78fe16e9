import { formatClock } from '../base/units.ts';
import { restingLevel } from '../computed/held-work.ts';
import { hasValues } from '../computed/series.ts';
import { stageAt } from '../computed/stages.ts';
import type { Artifacts, ProcessLife, Series } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';

/** A process is seen at the tick after its start, and is started a moment after its reason. */
const ticksBack = 3;
const startMs = 500;
/** Whoever takes the place of one that ended was not started for the queue. */
const replacedWithinMs = 5000;
/** Of a shortened run too: supervisors start again within a second. */
const leastReplacedWithinMs = 2000;
/** One may be a replacement that we did not recognise. */
const most = 1;

export const spawnWithoutWork = defineDetector({
  id: 'spawn-without-work',
  title: 'Workers are started for work',
  failureTitle: 'Workers are started for an empty queue',
  description: 'Processes that the target starts while nothing is in flight or planned and its queue is empty.',
  unit: 'processes',
  remedy:
    'Whatever decides to scale believes in work that is not there: compare its number with the length of the queue itself. Scale by the length of the queue.',
  requires: ['processes', 'gauges', 'records', 'stages', 'events'],
  detect({ processes, gauges, records, stages, events }, { profile }) {
    const base = { value: null, threshold: most };
    const queues = gauges.queues.filter(({ counts, series }) => counts === 'requests' && hasValues(series));
    if (queues.length === 0 || records.length === 0) {
      const why =
        records.length === 0 ? 'None of the requests were recorded.' : 'The server tells of no queue that is known.';
      return { ...base, verdict: 'not-applicable', summary: why };
    }
    // Before any work a server may still be starting.
    const firstWorkMs = records.reduce((first, { plannedMs }) => Math.min(first, plannedMs), Number.POSITIVE_INFINITY);
    const backMs = ticksBack * profile.sampleIntervalMs + startMs;
    const replacedMs = Math.max(leastReplacedWithinMs, replacedWithinMs * profile.scale);
    const restarts = events.filter(({ kind }) => kind === 'restart' || kind === 'target_gone').map(({ tMs }) => tMs);
    const idle = processes.filter(
      (life) =>
        !life.isRoot &&
        life.firstMs > firstWorkMs &&
        !isReplacement(life, processes, replacedMs) &&
        !restarts.some((tMs) => Math.abs(tMs - life.firstMs) <= replacedMs) &&
        !hadWork(records, life.firstMs - backMs, life.firstMs) &&
        queues.every(({ series }) => {
          const queue = { series, resting: restingLevel(series, stages) };
          return wasEmpty(queue, records, life.firstMs, lastEndOf(life, processes));
        }),
    );
    const spawned = processes.filter((life) => life.firstMs > firstWorkMs && !life.isRoot).length;
    const [first] = idle.toSorted((a, b) => a.firstMs - b.firstMs);
    if (first === undefined || idle.length <= most) {
      return {
        verdict: 'ok',
        summary: `Of ${spawned} processes that the target started, ${idle.length} had neither work nor a queue.`,
        value: idle.length,
        threshold: most,
      };
    }
    return {
      verdict: 'fail',
      summary: `The target started ${idle.length} processes (${first.role}) while nothing was in flight and its queue was empty, the first at ${formatClock(first.firstMs)}.`,
      value: idle.length,
      threshold: most,
      stage: stageAt(stages, first.firstMs)?.name ?? null,
      startedMs: first.firstMs,
      evidence: { holder: first.role, spawned, spawnedIdle: idle.length },
    };
  },
});

function isReplacement(life: ProcessLife, processes: readonly ProcessLife[], withinMs: number): boolean {
  return processes.some(
    ({ role, goneMs }) =>
      role === life.role && goneMs !== null && goneMs <= life.firstMs && life.firstMs - goneMs <= withinMs,
  );
}

/** In flight, or planned and not yet fetched: a target that pulls its work starts its loaders before. */
function hadWork(records: Artifacts['records'], fromMs: number, toMs: number): boolean {
  return records.some(
    ({ plannedMs, endMs, outcome }) =>
      outcome !== 'dropped' && plannedMs <= toMs && (endMs === null || endMs >= fromMs),
  );
}

/**
 * Empty at the readings before and after, where there are any. In a silence nothing is read: where the reading before
 * is older than our last answer, that answer says as much, unless we let go of something since the queue was last seen
 * at rest, which may still have waited.
 */
function wasEmpty(
  { series, resting }: { series: Series; resting: number },
  records: Artifacts['records'],
  tMs: number,
  workerEndMs: number,
): boolean {
  const lastEndMs = records.reduce(
    (last, { endMs }) => (endMs !== null && endMs <= tMs ? Math.max(last, endMs) : last),
    0,
  );
  const readings = [...series.values]
    .map((value, index) => ({ value, atMs: series.tMs[index] ?? 0 }))
    .filter(({ value }) => !Number.isNaN(value));
  const before = readings.findLast(({ atMs }) => atMs <= tMs);
  const after = readings.find(({ atMs }) => atMs > tMs);
  const restMs = readings.findLast(({ atMs, value }) => atMs <= tMs && value <= resting)?.atMs ?? 0;
  const emptyMs = Math.max(restMs, workerEndMs);
  const isAbandoned = records.some(
    ({ outcome, endMs }) => outcome === 'timeout' && endMs !== null && endMs <= tMs && endMs > emptyMs,
  );
  const wasAtRest = before !== undefined && (before.atMs >= lastEndMs ? before.value <= resting : !isAbandoned);
  return wasAtRest && (after === undefined || after.value <= resting);
}

/** When a worker like this one last ended before its start: none goes for want of work while some waits. */
function lastEndOf({ role, firstMs }: ProcessLife, processes: readonly ProcessLife[]): number {
  return Math.max(
    0,
    ...processes.flatMap((one) =>
      one.role === role && one.goneMs !== null && one.goneMs <= firstMs ? [one.goneMs] : [],
    ),
  );
}
