import { quantile } from '../base/statistics.ts';
import { formatClock, formatDuration } from '../base/units.ts';
import { stageAt } from '../computed/stages.ts';
import type { Health } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';

/** A liveness probe of Kubernetes gives up after one second by default. */
const slowMs = 1000;
/** Below it a 99th percentile is the single worst answer. */
const enoughForP99 = 100;

export const probeFailure = defineDetector({
  id: 'probe-failure',
  title: 'Health answers in time',
  failureTitle: 'Health does not answer in time',
  description:
    'Health asked on a connection of its own, apart from the load; unanswered counts as slower than any answer.',
  unit: 'ms',
  remedy:
    'Answer health from a thread or process that never works on requests, and keep room for it in every connection limit.',
  requires: ['health', 'stages', 'inFlight'],
  detect({ health, stages, inFlight }) {
    const asked = askedTimes(health);
    const first = asked[0];
    if (first === undefined) {
      return { verdict: 'inconclusive', summary: 'Health was never asked.', value: null, threshold: slowMs };
    }
    const wrong = everyWrong(health.status);
    if (wrong !== null && asked.every(({ rttMs }) => rttMs === Number.POSITIVE_INFINITY)) {
      return {
        verdict: 'inconclusive',
        summary: `Health was asked ${asked.length} times, and every answer was ${wrong}: that page tells nothing of health.`,
        remedy:
          'Name the page that answers 2xx while the server works: --health PATH; bench doctor --target URL tries it.',
        value: null,
        threshold: slowMs,
      };
    }
    const p99Ms = quantile(
      asked.map(({ rttMs }) => rttMs),
      0.99,
    );
    const bad = asked.filter(({ rttMs }) => rttMs > slowMs);
    const unanswered = asked.filter(({ rttMs }) => rttMs === Number.POSITIVE_INFINITY).length;
    const answeredP99Ms = p99Ms === Number.POSITIVE_INFINITY ? null : p99Ms;
    const finding = {
      value: answeredP99Ms,
      threshold: slowMs,
      evidence: { holder: null, asked: asked.length, unanswered, slowOrUnanswered: bad.length },
    };
    const firstBad = bad[0];
    if (firstBad === undefined || (p99Ms ?? 0) <= slowMs) {
      return {
        ...finding,
        verdict: 'ok',
        summary: `Health answered ${asked.length - unanswered} of ${asked.length} times, 99 % within ${formatDuration(answeredP99Ms)}.`,
      };
    }
    const isSingle = bad.length === 1 && asked.length < enoughForP99;
    const load = inFlight.values[inFlight.tMs.findLastIndex((tMs) => tMs <= firstBad.tMs)] ?? 0;
    return {
      ...finding,
      verdict: isSingle ? 'warn' : 'fail',
      summary: `Health failed ${bad.length} of ${asked.length} times (${unanswered} without a good answer), first at ${formatClock(firstBad.tMs)} with ${load} requests in flight; the threshold is ${formatDuration(slowMs)}.`,
      stage: stageAt(stages, firstBad.tMs)?.name ?? null,
      startedMs: firstBad.tMs,
    };
  },
});

/** Only times at which it was asked: a silence has none. */
function askedTimes(health: Health): { tMs: number; rttMs: number }[] {
  return [...health.ok.values].flatMap((ok, index) => {
    if (Number.isNaN(ok)) {
      return [];
    }
    const tMs = health.ok.tMs[index] ?? 0;
    const rttMs = health.rttMs.tMs[index] === tMs ? (health.rttMs.values[index] ?? Number.NaN) : Number.NaN;
    return [{ tMs, rttMs: ok === 0 || Number.isNaN(rttMs) ? Number.POSITIVE_INFINITY : rttMs }];
  });
}

/** Not there, or not for us: such a page does not know how the server is. A 503 does. */
const wrongPage: ReadonlySet<number> = new Set([401, 403, 404, 405]);

/** The status that every answer had, if it is one of a page that has nothing to do with health; null: it is not. */
function everyWrong({ values }: Health['status']): number | null {
  const [first, ...others] = new Set(values.filter((status) => !Number.isNaN(status)));
  return first !== undefined && others.length === 0 && wrongPage.has(first) ? first : null;
}
