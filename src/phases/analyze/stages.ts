import { wordErrorRate } from '../../computed/answers.ts';
import { holderAt } from '../../computed/footprint.ts';
import { answeredMs, latency, service } from '../../computed/latency.ts';
import { plannedMs, rateIn } from '../../computed/rates.ts';
import { between, maximum } from '../../computed/series.ts';
import { sendsLoad } from '../../computed/stages.ts';
import { isUnavailable, type StageWindow } from '../../model/artifacts.ts';
import { type Outcome, outcomes, type RequestRecord } from '../../model/record.ts';
import type { RequestSummary, StageResult } from '../../model/result.ts';
import { loadModelOf } from '../plan/summary.ts';
import type { RunArtifacts } from './artifacts.ts';

/** Of a stage; of the run it counts the warm-up too (PROTOCOL 17.2). Audio seconds of what was answered: the mean length of the corpus times their number. */
export function requestSummary(records: readonly RequestRecord[], meanAudioSeconds: number | null): RequestSummary {
  const byOutcome = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const { outcome } of records) {
    byOutcome[outcome] += 1;
  }
  return {
    planned: records.length,
    outcomes: byOutcome,
    latencyMs: latency(records),
    serviceMs: service(records),
    bytesOut: records.reduce<number | null>(
      (sum, { bytesOut }) => (sum === null || bytesOut === null ? null : sum + bytesOut),
      0,
    ),
    audioSeconds: meanAudioSeconds === null ? null : meanAudioSeconds * byOutcome.ok,
    checks: counted(records, ({ outcome, check }) => (outcome === 'ok' || outcome === 'semantic_error' ? check : null)),
    wordErrorRate: wordErrorRate(records),
    errors: counted(records, ({ errorCode }) => errorCode),
  };
}

function counted(
  records: readonly RequestRecord[],
  nameOf: (record: RequestRecord) => string | null,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records) {
    const name = nameOf(record);
    if (name !== null) {
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}

export function stageResults(artifacts: RunArtifacts, meanAudioSeconds: number | null): readonly StageResult[] {
  return artifacts.stages.map((window) => {
    const records = recordsOf(artifacts.records, window.name);
    const { load } = window.stage;
    // Of a load that another tool sent there is a rate only where its requests were imported.
    const hasRate = load !== null || (sendsLoad(window) && records.length > 0);
    const rate = (timesMs: Iterable<number>): number | null =>
      !hasRate ? null : rateIn(timesMs, window.startMs, window.endMs);
    return {
      name: window.name,
      kind: window.kind,
      startMs: window.startMs,
      endMs: window.endMs,
      offeredPerSecond: rate(plannedMs(records)),
      // Every answer that ends in the stage, whichever stage sent it.
      achievedPerSecond: rate(answeredMs(artifacts.records)),
      loadModel: load === null ? null : loadModelOf(load),
      rates: window.rates,
      requests: requestSummary(records, meanAudioSeconds),
      memory: stageMemory(artifacts, window),
    };
  });
}

/** All of them as they are if all are of the stage, as in a long run of one load: a copy would be as long. */
function recordsOf(records: readonly RequestRecord[], stage: string): readonly RequestRecord[] {
  return records.every((record) => record.stage === stage)
    ? records
    : records.filter((record) => record.stage === stage);
}

function stageMemory({ footprint }: RunArtifacts, { startMs, endMs }: StageWindow): StageResult['memory'] {
  if (isUnavailable(footprint)) {
    return { peakBytes: null, endBytes: null, peakHolder: null };
  }
  const inside = between(footprint.total, startMs, endMs);
  const sampled = maximum(inside);
  const highest = maximum(between(footprint.peaks, startMs, endMs));
  return {
    peakBytes: highest?.value ?? null,
    endBytes: inside.values.findLast((value) => !Number.isNaN(value)) ?? null,
    peakHolder: sampled === null ? null : holderAt(footprint.holders, sampled.tMs),
  };
}
