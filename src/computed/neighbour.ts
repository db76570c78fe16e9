import type { StageWindow } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import type { NeighbourStage } from '../model/result.ts';
import { answered, latency } from './latency.ts';

/** Neither an answer nor a failure: our own side ended it. */
const ours: readonly RequestRecord['outcome'][] = ['dropped', 'cancelled', 'in_flight_at_end'];

function codesOf(records: readonly RequestRecord[]): Readonly<Record<string, number>> {
  const codes: Record<string, number> = {};
  for (const { outcome, errorCode } of records) {
    if (outcome !== 'ok' && !ours.includes(outcome)) {
      const code = errorCode ?? outcome;
      codes[code] = (codes[code] ?? 0) + 1;
    }
  }
  return codes;
}

/** How the neighbour did in each stage of the load, by the stage in which it was asked. */
export function neighbourStages(
  records: readonly RequestRecord[],
  stages: readonly StageWindow[],
): readonly NeighbourStage[] {
  return stages.map(({ name, kind }) => {
    const inStage = records.filter((record) => record.stage === name && !ours.includes(record.outcome));
    const good = answered(inStage).length;
    return {
      name,
      kind,
      asked: inStage.length,
      answered: good,
      availabilityRatio: inStage.length === 0 ? null : good / inStage.length,
      latencyMs: latency(inStage),
      errors: codesOf(inStage),
    };
  });
}
