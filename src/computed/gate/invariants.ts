import type { Finding } from '../../model/detector.ts';
import type { GateRow } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';
import { isCut } from '../cut-run.ts';
import { isWithoutSuccess } from '../invalid-advice.ts';
import { gateRow } from './row.ts';

/** What no history excuses. A failing finding of these is an invariant; of other detectors, a configured bound. */
const invariantDetectors: readonly string[] = ['oom-kill', 'process-restart', 'masked-failure', 'silent-failure'];

interface Broken {
  runId: string;
  count: number;
  what: string;
}

interface Invariant {
  rule: string;
  healthy: string;
  /** What is true instead where processes of the target were killed for memory. */
  besideKills?: string;
  remedy: string;
  count(result: RunResult): number;
  what: string;
}

const eventsOf = ({ events }: RunResult, kinds: readonly string[]): number =>
  events.filter(({ kind, subject }) => kinds.includes(kind) && subject !== 'host').length;

const invariants: readonly Invariant[] = [
  {
    rule: 'oom-kill',
    healthy: 'No process was killed for memory.',
    what: 'kills for memory',
    remedy: 'Bound what is worked on at once.',
    count: (result) => eventsOf(result, ['oom_kill']),
  },
  {
    rule: 'unannounced-restart',
    healthy: 'The target was not started anew and did not end.',
    besideKills: 'Nothing of the target ended or was started anew, but for what was killed for memory.',
    what: 'restarts or ends of the target',
    remedy: 'Read its log at that time.',
    count: (result) => eventsOf(result, ['restart', 'target_gone']),
  },
  {
    rule: 'out-of-memory-reply',
    healthy: 'No reply spoke of an allocation that failed.',
    what: 'replies of an allocation that failed',
    remedy: 'Admit less at once, or free what is not needed.',
    count: ({ requests }) => matching(requests.errors, /out_of_memory|oom/i),
  },
  {
    rule: 'wrong-content',
    healthy: 'No reply was the answer to something else.',
    what: 'wrong answers',
    remedy: 'Look at the replies of the run: a wrong answer is worse than none.',
    count: ({ requests }) => matching(requests.errors, /^wrong_answer$/),
  },
];

function matching(errors: RunResult['requests']['errors'], pattern: RegExp): number {
  return Object.entries(errors).reduce((sum, [code, count]) => sum + (pattern.test(code) ? count : 0), 0);
}

function brokenIn(results: readonly RunResult[], { count, what }: Invariant): Broken[] {
  return results.map((result) => ({ runId: result.runId, count: count(result), what })).filter((one) => one.count > 0);
}

/** Layer A (PROTOCOL 12.4): an invalid run decides alone, since nothing else of it counts. */
export function invariantRows(results: readonly RunResult[]): readonly GateRow[] {
  const invalid = results.flatMap(invalidRow);
  if (invalid.length > 0) {
    return invalid;
  }
  return [
    ...invariants.map((invariant) => {
      const broken = brokenIn(results, invariant);
      const values = results.map((result) => invariant.count(result));
      const { rule, remedy } = invariant;
      const hasKills = results.some((result) => eventsOf(result, ['oom_kill']) > 0);
      const healthy = hasKills ? (invariant.besideKills ?? invariant.healthy) : invariant.healthy;
      const told = broken.map(({ runId, count, what }) => `${count} ${what} in ${runId}`).join(', ');
      return gateRow({
        layer: 'invariant',
        rule,
        state: broken.length === 0 ? 'pass' : 'fail',
        values,
        value: Math.max(...values),
        threshold: 1,
        sentence: broken.length === 0 ? healthy : `${told}. ${remedy}`,
      });
    }),
    ...findingRows(results),
  ];
}

/** What went wrong with us says nothing of the target (PROTOCOL 6.1). */
function invalidRow(result: RunResult): GateRow[] {
  const { runId, validity, status, runtimeErrors } = result;
  const reasons = [
    ...(validity.state === 'invalid' ? validity.reasons : []),
    ...(isCut(result) ? [`its status is ${status}`] : []),
    ...(runtimeErrors.length > 0 ? ['a detector threw'] : []),
  ];
  const remedy = isWithoutSuccess({ validity }) ? 'Mend what is asked, then run it again.' : 'Run it again.';
  return reasons.length === 0
    ? []
    : [
        gateRow({
          layer: 'invariant',
          rule: 'valid-run',
          state: 'invalid',
          sentence: `${runId} counts for nothing: ${reasons.map((reason) => reason.replace(/\.$/, '')).join('; ')}. ${remedy}`,
        }),
      ];
}

/** Findings count as the profile's thresholds made them: a failing one fails the gate, a warning warns. */
function findingRows(results: readonly RunResult[]): GateRow[] {
  const worst = new Map<string, { finding: Finding; runId: string; in: number }>();
  for (const { runId, findings } of results) {
    for (const finding of findings.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')) {
      const known = worst.get(finding.detector);
      const isWorse = known === undefined || (known.finding.verdict === 'warn' && finding.verdict === 'fail');
      const held = isWorse ? { finding, runId } : known;
      worst.set(finding.detector, { finding: held.finding, runId: held.runId, in: (known?.in ?? 0) + 1 });
    }
  }
  return [...worst.values()].map(({ finding, runId, in: count }) =>
    gateRow({
      layer: invariantDetectors.includes(finding.detector) ? 'invariant' : 'absolute',
      rule: `finding:${finding.detector}`,
      state: finding.verdict === 'fail' ? 'fail' : 'warn',
      stage: finding.stage,
      unit: unitOf(finding),
      value: finding.value,
      threshold: finding.threshold,
      sentence: `${finding.summary} In ${count} of ${results.length} runs, for example ${runId}. ${finding.remedy}`,
    }),
  );
}

const units: readonly string[] = ['bytes', 'ms', 'ratio', 'hours'];

/** null for units that count something, such as `processes`. */
function unitOf({ unit }: Finding): GateRow['unit'] {
  return units.includes(unit) ? (unit as GateRow['unit']) : null;
}
