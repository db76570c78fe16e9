import { swappedAnswers, unlikeAnswers } from '../computed/answers.ts';
import { stageAt } from '../computed/stages.ts';
import { defineDetector } from '../model/detector.ts';

export const maskedFailure = defineDetector({
  id: 'masked-failure',
  title: 'Every success is one',
  failureTitle: 'Failures hide behind a success status',
  description: 'A 2xx reply that is empty, wrong, or the answer to another request.',
  unit: 'replies',
  remedy: 'Answer a failure with its status: who reads only the status counts it as a success and never tries again.',
  requires: ['records', 'stages'],
  detect({ records, stages }) {
    const succeeded = records.filter((record) => record.outcome === 'ok' || record.outcome === 'semantic_error');
    const semantic = records.filter((record) => record.outcome === 'semantic_error');
    const swapped = swappedAnswers(records);
    const checked = succeeded.filter((record) => record.check !== 'none').length;
    const byCode = new Map<string, number>();
    for (const { errorCode } of semantic) {
      byCode.set(errorCode ?? 'unnamed', (byCode.get(errorCode ?? 'unnamed') ?? 0) + 1);
    }
    const codes = [...byCode];
    const failures = [...semantic, ...swapped.map((swap) => swap.record)];
    const finding = {
      value: failures.length,
      threshold: 0,
      evidence: {
        holder: null,
        replies: succeeded.length,
        checked,
        swapped: swapped.length,
        differentAnswersOfOneItem: unlikeAnswers(records),
        ...Object.fromEntries(codes),
      },
    };
    const first = [...failures].sort((a, b) => (a.endMs ?? 0) - (b.endMs ?? 0))[0];
    if (first !== undefined) {
      const kinds = [...codes, ...(swapped.length > 0 ? [['answer of another item', swapped.length] as const] : [])];
      const list = kinds.map(([kind, count]) => `${count} x ${kind}`).join(', ');
      return {
        ...finding,
        verdict: 'fail',
        summary: `${failures.length} of ${succeeded.length} replies with a success status were failures: ${list}.`,
        stage: first.endMs === null ? first.stage : (stageAt(stages, first.endMs)?.name ?? first.stage),
        startedMs: first.endMs,
      };
    }
    if (succeeded.length === 0 || checked === 0) {
      const why = succeeded.length === 0 ? 'No reply had a success status.' : 'No reply could be checked.';
      return { ...finding, verdict: 'inconclusive', summary: why, value: null };
    }
    return {
      ...finding,
      verdict: 'ok',
      summary: `All ${checked} checked replies with a success status belong to their requests, as far as the check can tell.`,
    };
  },
});
