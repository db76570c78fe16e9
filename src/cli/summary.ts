import { formatBytes, formatClock, formatDuration } from '../base/units.ts';
import { invalidAdvice } from '../computed/invalid-advice.ts';
import { searchAnswer } from '../computed/search-answer.ts';
import { unsentByStop } from '../computed/unsent.ts';
import { latencyFrom, latencyFromWords, watchedEngine } from '../computed/watched.ts';
import type { Finding } from '../model/detector.ts';
import type { RunResult } from '../model/result.ts';
import type { Terminal } from './terminal.ts';

function paint(terminal: Terminal, verdict: string): string {
  switch (verdict) {
    case 'fail':
      return terminal.color.red(verdict);
    case 'warn':
    case 'inconclusive':
      return terminal.color.yellow(verdict);
    case 'ok':
      return terminal.color.green(verdict);
    default:
      return terminal.color.dim(verdict);
  }
}

function findingLine(finding: Finding, terminal: Terminal): string {
  const remedy = finding.verdict === 'fail' || finding.verdict === 'warn' ? ` Do: ${finding.remedy}` : '';
  return `${paint(terminal, finding.verdict.padEnd(12))} ${finding.detector}: ${finding.summary}${remedy}`;
}

function requestsLine(result: RunResult): string {
  const unsent = unsentByStop(result);
  const counts = Object.entries(result.requests.outcomes)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => {
      const of = unsent?.count === count ? '' : `${unsent?.count ?? 0}: `;
      return `${count} ${outcome}${outcome === 'dropped' && unsent !== null ? ` (${of}${unsent.why})` : ''}`;
    });
  const { planned, latencyMs } = result.requests;
  if (result.engine.id === watchedEngine && planned === 0) {
    return "requests not known: the load was another tool's, and none of them were imported (--records)";
  }
  const word = result.engine.id === watchedEngine ? 'imported' : 'planned';
  return `${planned} requests ${word} = ${counts.join(' + ') || '0'}; p95 ${formatDuration(latencyMs.p95)} ${latencyFromWords[latencyFrom(result)]}`;
}

/** Codes beyond these are told by the page. */
const mostCodes = 3;

/** What the server said where it refused more than half of a stage: status codes, or codes of its own. */
function refusedLines(result: RunResult): readonly string[] {
  return result.stages.flatMap(({ name, requests }) => {
    const refused = requests.outcomes.http_error;
    if (refused * 2 <= requests.planned) {
      return [];
    }
    const codes = Object.entries(requests.errors)
      .sort(([, a], [, b]) => b - a)
      .slice(0, mostCodes)
      .map(([code, count]) => `${count} ${code}`);
    return [
      `stage ${name}: ${refused} of ${requests.planned} requests were answered with an HTTP error: ${codes.join(', ')}`,
    ];
  });
}

function memoryLine(result: RunResult): string {
  const { memory } = result;
  if (memory.peakBytes === null) {
    return 'memory of the target was not observed';
  }
  const limit =
    memory.limitBytes === null
      ? 'no limit found'
      : `${((memory.peakBytes / memory.limitBytes) * 100).toFixed(0)} % of ${formatBytes(memory.limitBytes)} (${memory.limitSource ?? 'limit'})`;
  return `memory peak ${formatBytes(memory.peakBytes)}, ${limit}; before the load ${formatBytes(memory.baselineBytes)}, after it ${formatBytes(memory.floorBytes)}`;
}

/** Without load the target shows what the load left behind. */
function guardLines({ guard }: RunResult): readonly string[] {
  const untilMs = guard?.watchedUntilMs ?? null;
  return guard === null || untilMs === null
    ? []
    : [
        `guard ended the load at ${formatClock(guard.stoppedAtMs)}, target watched without load until ${formatClock(untilMs)}${guard.restEnded == null ? '' : `: ${guard.restEnded}`}`,
      ];
}

/** As an option, to be changed by hand for another limit. */
function underLimit({ memory: { limitBytes } }: RunResult): string {
  return limitBytes === null ? '' : ` --limit ${Math.floor(limitBytes / 1024 ** 2)}MiB`;
}

/** The last lines of a run on stdout: the verdict, what was measured, one line a finding, the page. */
export function printSummary(result: RunResult, reportPath: string | null, terminal: Terminal): void {
  const validity =
    result.validity.state === 'valid'
      ? 'valid run'
      : `INVALID run: ${result.validity.reasons.map((reason) => reason.replace(/\.$/, '')).join('; ')}`;
  const answer = searchAnswer(result);
  if (answer !== null) {
    terminal.out(`answer ${answer}`);
  }
  terminal.out(`verdict ${paint(terminal, result.verdict)}, ${validity}, status ${result.status}`);
  if (result.validity.state === 'invalid') {
    terminal.out(`The findings of an invalid run count for nothing (exit 3). ${invalidAdvice(result)}`);
  }
  terminal.out(requestsLine(result));
  for (const line of refusedLines(result)) {
    terminal.out(line);
  }
  terminal.out(memoryLine(result));
  for (const line of guardLines(result)) {
    terminal.out(line);
  }
  const order = ['fail', 'warn', 'inconclusive', 'ok', 'not-applicable'];
  const findings = [...result.findings].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  for (const finding of findings.filter(({ verdict }) => verdict !== 'not-applicable')) {
    terminal.out(findingLine(finding, terminal));
  }
  const silent = findings.filter(({ verdict }) => verdict === 'not-applicable').map(({ detector }) => detector);
  if (silent.length > 0) {
    terminal.out(terminal.color.dim(`not-applicable ${silent.join(', ')}`));
  }
  if (answer !== null && result.capacity !== null) {
    terminal.out(`next bench capacity ${result.runId}${underLimit(result)}`);
  }
  if (reportPath !== null) {
    terminal.out(`report ${reportPath}`);
  }
}
