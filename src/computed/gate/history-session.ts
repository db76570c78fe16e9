import type { GateDecision } from '../../model/gate.ts';
import type { HistorySession } from '../../model/history.ts';
import { schemaVersion } from '../../model/result.ts';
import type { Night } from './decide.ts';
import { metricKey, nightMetrics } from './metrics.ts';

/** The line that a judged session leaves in the history. A suspect is kept, but does not count as usual. */
export function historySession(night: Night, { state, rows }: GateDecision): HistorySession {
  const suspects = rows.filter(({ identity }) => identity !== null);
  const suspectKeys = new Set(
    suspects.map(({ metric, stage, instance }) => metricKey({ id: metric ?? '', stage, instance })),
  );
  return {
    kind: 'session',
    schemaVersion,
    series: night.series,
    sessionId: night.sessionId,
    at: night.at,
    profile: night.profile,
    profileHash: night.profileHash,
    purpose: night.purpose,
    runIds: night.runs.map(({ result }) => result.runId),
    subject: night.subject,
    comparability: night.comparability,
    state,
    isAccepted: state !== 'fail' && state !== 'invalid' && !suspects.some(({ isGating }) => isGating),
    metrics: nightMetrics(night.runs.map(({ result }) => result)).map(
      ({ id, stage, instance, unit, isBiggerBetter, values, median }) => ({
        id,
        stage,
        instance,
        unit,
        isBiggerBetter,
        values,
        median,
        isSuspect: suspectKeys.has(metricKey({ id, stage, instance })),
      }),
    ),
    identities: [...new Set(suspects.flatMap(({ identity }) => identity ?? []))],
  };
}
