import { formatShare } from '../base/units.ts';
import { stageAt } from '../computed/stages.ts';
import type { Health, StageWindow } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';
import type { RequestRecord } from '../model/record.ts';

const thresholdRatio = 0.05;
/** A stage of a few requests has no rate. */
const fewestFailures = 5;
const fewestHealthAnswers = 3;

/**
 * 503 and 529 say "too much", 504 says "too slow": the price of overload, told openly. All 4xx are the request's own
 * fault or a refusal. What is left is a server that says itself that it failed.
 */
const honestStatuses: readonly number[] = [503, 504, 529];

interface Failing {
  window: StageWindow;
  failed: readonly RequestRecord[];
  answered: number;
}

export const silentFailure = defineDetector({
  id: 'silent-failure',
  title: 'Health tells of failures',
  failureTitle: 'Requests fail while every health answer is green',
  description: 'Share of server errors in a stage throughout which health was answered 2xx.',
  unit: 'ratio',
  remedy:
    'Watch the rate of 5xx beside health, and alarm on it. Let readiness fail while the model behind it cannot be loaded or called, so that nobody is sent there.',
  requires: ['records', 'health', 'stages'],
  detect({ records, health, stages }) {
    const base = { value: null, threshold: thresholdRatio };
    const judged = stages
      .filter(({ kind }) => kind === 'load' || kind === 'canary')
      .map((window) => failingIn(window, records))
      .filter(({ answered }) => answered > 0);
    const watched = judged.filter(({ window }) => healthAnswers(health, window) >= fewestHealthAnswers);
    if (watched.length === 0) {
      const why =
        judged.length === 0 ? 'No request of a judged stage was answered.' : 'Health was asked too rarely under load.';
      return { ...base, verdict: 'inconclusive', summary: why };
    }
    const green = watched.filter(({ window }) => isGreen(health, window));
    const [worst] = green
      .filter(({ failed, answered }) => failed.length >= fewestFailures && failed.length / answered > thresholdRatio)
      .toSorted((a, b) => b.failed.length / b.answered - a.failed.length / a.answered);
    if (worst === undefined) {
      const most = Math.max(0, ...green.map(({ failed, answered }) => failed.length / answered));
      return {
        verdict: 'ok',
        summary:
          green.length === 0
            ? 'Wherever requests failed, health failed too.'
            : `While health was green at most ${formatShare(most)} of a stage's answers were server errors.`,
        value: most,
        threshold: thresholdRatio,
      };
    }
    const { window, failed, answered } = worst;
    const startedMs = failed.reduce((first, { endMs }) => Math.min(first, endMs ?? first), window.endMs);
    const codes = commonest(failed);
    return {
      verdict: 'fail',
      summary: `${failed.length} of ${answered} answers in ${window.name} were server errors (${codes}), and every health question was answered 2xx.`,
      value: failed.length / answered,
      threshold: thresholdRatio,
      stage: stageAt(stages, startedMs)?.name ?? window.name,
      startedMs,
      evidence: { holder: null, failed: failed.length, answered, codes },
    };
  },
});

function failingIn(window: StageWindow, records: readonly RequestRecord[]): Failing {
  const answered = records.filter(({ stage, status }) => stage === window.name && status !== null);
  const failed = answered.filter(
    ({ outcome, status }) =>
      outcome === 'http_error' && status !== null && status >= 500 && !honestStatuses.includes(status),
  );
  return { window, failed, answered: answered.length };
}

const answersIn = ({ ok }: Health, { startMs, endMs }: StageWindow): number[] =>
  [...ok.values].filter((value, index) => {
    const tMs = ok.tMs[index] ?? 0;
    return tMs >= startMs && tMs < endMs && !Number.isNaN(value);
  });

function healthAnswers(health: Health, window: StageWindow): number {
  return answersIn(health, window).length;
}

function isGreen(health: Health, window: StageWindow): boolean {
  return answersIn(health, window).every((value) => value === 1);
}

function commonest(failed: readonly RequestRecord[]): string {
  const counts = new Map<string, number>();
  for (const { errorCode, status } of failed) {
    const code = errorCode ?? String(status);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([code, count]) => `${count} x ${code}`)
    .join(', ');
}
