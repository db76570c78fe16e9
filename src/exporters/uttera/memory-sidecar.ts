import type { GateDecision } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';

/** What the strict schema has no place for: memory, its verdict, and what follows from it. */
export function memorySidecar(
  result: RunResult,
  decision: GateDecision | null,
  resultFiles: readonly string[],
): object {
  const { schemaVersion, runId, validity, verdict, memory, prediction, capacity, capacityUnknown, guard } = result;
  return {
    kind: 'headroom-memory',
    schemaVersion,
    runId,
    resultFiles,
    validity,
    verdict,
    gate: decision === null ? null : { state: decision.state, sentence: decision.sentence },
    limitSetBy: result.target.memoryLimit,
    memory,
    stages: result.stages.map(({ name, kind, startMs, endMs, memory: ofStage }) => ({
      name,
      kind,
      startMs,
      endMs,
      memory: ofStage,
    })),
    prediction,
    capacity,
    capacityUnknown,
    guard,
    findings: result.findings.filter((finding) => finding.verdict !== 'not-applicable'),
  };
}
