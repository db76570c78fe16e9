import { BenchError } from '../../base/errors.ts';
import { median } from '../../base/statistics.ts';
import { historySession } from '../../computed/gate/history-session.ts';
import { metricKey } from '../../computed/gate/metrics.ts';
import type {
  HistoryAcceptance,
  HistoryLine,
  HistoryMetric,
  HistoryReference,
  HistorySession,
} from '../../model/history.ts';
import { schemaVersion } from '../../model/result.ts';
import { appendHistory } from '../../store/history.ts';
import type { GatedSession } from './gate.ts';

/** `refused`: a run that counts for nothing is never stored. */
export type Added = 'added' | 'replaced' | 'already there' | 'refused';

/** A judged session -> a line of the history. The same session twice is one. */
export function addSession({ night, decision, historyFile, history }: GatedSession): Added {
  if (decision.state === 'invalid') {
    return 'refused';
  }
  const line = historySession(night, decision);
  const known = history.findLast(
    (one) => one.kind === 'session' && one.series === line.series && one.sessionId === line.sessionId,
  );
  if (known !== undefined && JSON.stringify(known) === JSON.stringify(line)) {
    return 'already there';
  }
  appendHistory(historyFile, [line]);
  return known === undefined ? 'added' : 'replaced';
}

export interface Acceptance {
  sessionId: string;
  at: string;
  author: string;
  reason: string;
  expiresAt: string | null;
}

/** A shift taken for good: nights count from its first session on, and their medians are the new reference. */
export function acceptShift(path: string, lines: readonly HistoryLine[], given: Acceptance): HistoryReference {
  const sessions = lines.filter((line): line is HistorySession => line.kind === 'session');
  const first = sessions.find(({ sessionId }) => sessionId === given.sessionId);
  if (first === undefined) {
    throw new BenchError('USAGE', `There is no session "${given.sessionId}" in ${path}.`, {
      hint: 'See its sessions with: bench history list',
    });
  }
  const { series } = first;
  const { at, author, reason } = given;
  const since = sessions.slice(sessions.indexOf(first)).filter((session) => session.series === series);
  const taken = [...new Map(since.map((session) => [session.sessionId, session])).values()];
  const acceptance: HistoryAcceptance = {
    kind: 'acceptance',
    schemaVersion,
    series,
    at,
    author,
    reason,
    expiresAt: given.expiresAt,
    fromSessionId: first.sessionId,
  };
  const reference: HistoryReference = {
    kind: 'reference',
    schemaVersion,
    series,
    at,
    author,
    reason,
    sessionIds: taken.map(({ sessionId }) => sessionId),
    metrics: referenceMetrics(taken),
  };
  appendHistory(path, [acceptance, reference]);
  return reference;
}

function referenceMetrics(sessions: readonly HistorySession[]): HistoryReference['metrics'] {
  const byKey = new Map<string, HistoryMetric[]>();
  for (const metric of sessions.flatMap(({ metrics }) => metrics)) {
    byKey.set(metricKey(metric), [...(byKey.get(metricKey(metric)) ?? []), metric]);
  }
  return [...byKey.values()].flatMap((nights) => {
    const [first] = nights;
    const middle = median(nights.map((night) => night.median));
    const runs = nights.reduce((sum, { values }) => sum + values.length, 0);
    return first === undefined || middle === null
      ? []
      : [{ id: first.id, stage: first.stage, instance: first.instance, median: middle, runs }];
  });
}
