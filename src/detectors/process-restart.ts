import { formatClock } from '../base/units.ts';
import { stageAt } from '../computed/stages.ts';
import { defineDetector } from '../model/detector.ts';
import type { Outcome, RequestRecord } from '../model/record.ts';

/** A death is seen at the next sample; the answers that it cost end around it. */
const togetherMs = 2000;
const brokenOff: readonly Outcome[] = ['reset', 'closed_early', 'refused'];

/**
 * What a client sees of a worker that dies under its request. A 4xx is the request's own fault, and a 503 an
 * honest refusal: a sandbox that refuses beside a program that ends in peace has lost nothing.
 */
function mayBeCost({ outcome, status }: RequestRecord): boolean {
  const isServerError = outcome === 'http_error' && status !== null && status >= 500 && status !== 503;
  return isServerError || brokenOff.includes(outcome);
}

export const processRestart = defineDetector({
  id: 'process-restart',
  title: 'No process ended with work in flight',
  failureTitle: 'A process ended with work in flight',
  description: 'The root ended or was replaced, or a worker ended and its requests failed, without a kill for memory.',
  unit: 'processes',
  remedy:
    "Read the target's log at that time: an exit code, an exception or a supervisor's restart tells who ended the process.",
  requires: ['processes', 'records', 'events', 'stages'],
  detect({ processes, records, events, stages }) {
    const killTimesMs = events
      .filter((event) => event.kind === 'oom_kill' && event.subject !== 'host')
      .map((event) => event.tMs);
    const gone = processes.flatMap((life) => (life.goneMs === null ? [] : [{ ...life, goneMs: life.goneMs }]));
    const failedAround = (tMs: number): number =>
      records.filter(
        (record) => record.endMs !== null && Math.abs(record.endMs - tMs) <= togetherMs && mayBeCost(record),
      ).length;
    const explained = (tMs: number): boolean => killTimesMs.some((killMs) => Math.abs(killMs - tMs) <= togetherMs);
    const deaths = gone
      .filter((life) => !explained(life.goneMs) && (life.isRoot || failedAround(life.goneMs) > 0))
      .sort((a, b) => Number(b.isRoot) - Number(a.isRoot) || a.goneMs - b.goneMs);
    const targetGone = events.find((event) => event.kind === 'target_gone' && !explained(event.tMs));
    const first = deaths[0];
    if (first === undefined && targetGone === undefined) {
      const idle = gone.length === 0 ? '' : ` ${gone.length} ended without costing an answer.`;
      return {
        verdict: 'ok',
        summary: `No process of the target ended with work in flight${killTimesMs.length === 0 ? '' : ', other than by a kill for memory'}.${idle}`,
        value: 0,
        threshold: 0,
        evidence: { holder: null, ended: gone.length },
      };
    }
    const tMs = first?.goneMs ?? targetGone?.tMs ?? 0;
    const who = first === undefined || first.isRoot ? 'The target itself' : `The ${first.role} process`;
    const cost = failedAround(tMs);
    return {
      verdict: 'fail',
      summary: `${who} ended at ${formatClock(tMs)}, and ${cost} ${cost === 1 ? 'request' : 'requests'} failed around it. No kill for memory was counted then.`,
      value: Math.max(1, deaths.length),
      threshold: 0,
      stage: stageAt(stages, tMs)?.name ?? null,
      startedMs: tMs,
      evidence: { holder: first?.role ?? null, pid: first?.pid ?? null, failedRequests: cost, ended: gone.length },
    };
  },
});
