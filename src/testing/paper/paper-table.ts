import { formatClock, formatDuration } from '../../base/units.ts';
import type { RunResult } from '../../model/result.ts';
import { incidentOf, reportedText } from './incidents.ts';
import { lengthText, type PaperLength, type PaperRun, partText } from './paper-runs.ts';

/** A run as it stands in the table and in its JSON; null: not measured, or not there. */
export interface PaperRow {
  incident: string;
  fault: string;
  variant: 'faulty' | 'fixed';
  profile: string;
  limitMib: number | null;
  /** 1: inputs as large as in the incident. */
  part: number;
  measures: string;
  reported: string;
  measured: number | null;
  measuredText: string;
  verdict: RunResult['verdict'] | null;
  validity: RunResult['validity'] | null;
  /** Detectors, in the order of the page. */
  failing: readonly string[];
  firstFailure: { detector: string; startedMs: number } | null;
  kill: { atMs: number; how: 'seen' | 'predicted' } | null;
  runId: string | null;
  hostClass: string | null;
  commit: string | null;
  startedAt: string | null;
  durationMs: number | null;
  /** Why there is no run. */
  why: string | null;
}

function firstFailureOf({ findings }: RunResult): PaperRow['firstFailure'] {
  const failures = findings.flatMap(({ detector, verdict, startedMs }) =>
    verdict === 'fail' && startedMs !== null ? [{ detector, startedMs }] : [],
  );
  return failures.sort((a, b) => a.startedMs - b.startedMs)[0] ?? null;
}

function killOf({ findings, prediction }: RunResult): PaperRow['kill'] {
  const seenMs = findings.find(({ detector, verdict }) => detector === 'oom-kill' && verdict === 'fail')?.startedMs;
  if (seenMs !== undefined && seenMs !== null) {
    return { atMs: seenMs, how: 'seen' };
  }
  const predictedMs = prediction?.predictedAtMs ?? null;
  return predictedMs === null ? null : { atMs: predictedMs, how: 'predicted' };
}

function measuredOf(incident: string, { findings }: RunResult): { measured: number | null; measuredText: string } {
  const number = incidentOf(incident);
  const finding = findings.find(({ detector }) => detector === number.detector);
  if (finding === undefined) {
    return { measured: null, measuredText: 'not measured' };
  }
  const measured = number.read(finding);
  const measuredText =
    measured === null ? `no number: ${finding.detector} is ${finding.verdict}` : number.format(measured);
  return { measured, measuredText };
}

/** A run that was not made: `why` says why. */
export function missingRow(run: PaperRun, why: string | null): PaperRow {
  const { incident, fault, isFaulty, profile, limitMib, part } = run;
  const number = incidentOf(incident);
  return {
    incident,
    fault,
    variant: isFaulty ? 'faulty' : 'fixed',
    profile,
    limitMib,
    part,
    measures: number.measures,
    reported: reportedText(number, isFaulty, part),
    measured: null,
    measuredText: 'not measured',
    verdict: null,
    validity: null,
    failing: [],
    firstFailure: null,
    kill: null,
    runId: null,
    hostClass: null,
    commit: null,
    startedAt: null,
    durationMs: null,
    why,
  };
}

export function paperRow(run: PaperRun, result: RunResult): PaperRow {
  return {
    ...missingRow(run, null),
    ...measuredOf(run.incident, result),
    // A path says where this clone lies, and nothing of the run.
    profile: result.profile.name,
    verdict: result.verdict,
    validity: result.validity,
    failing: result.findings.flatMap(({ detector, verdict }) => (verdict === 'fail' ? [detector] : [])),
    firstFailure: firstFailureOf(result),
    kill: killOf(result),
    runId: result.runId,
    hostClass: result.hostClass,
    commit: result.tool.commit,
    startedAt: result.startedAt,
    durationMs: result.stages.at(-1)?.endMs ?? null,
  };
}

function beforeKill({ firstFailure, kill }: PaperRow): string {
  if (firstFailure === null) {
    return 'none';
  }
  const first = `\`${firstFailure.detector}\` at ${formatClock(firstFailure.startedMs)}`;
  if (kill === null) {
    return `${first}; no kill seen or predicted`;
  }
  const leadMs = kill.atMs - firstFailure.startedMs;
  const lead = leadMs === 0 ? 'with' : `${formatDuration(Math.abs(leadMs))} ${leadMs > 0 ? 'before' : 'after'}`;
  return `${first}, ${lead} the ${kill.how === 'seen' ? 'first kill' : 'predicted kill'} at ${formatClock(kill.atMs)}`;
}

const headings = [
  'incident',
  'variant',
  'number',
  'in the incident',
  'measured',
  'verdict',
  'first finding that fails',
  'run',
  'profile',
  'limit',
  'commit',
  'duration',
];

function limitText({ limitMib, part }: PaperRow): string {
  const limit = limitMib === null ? 'of the host' : `${limitMib} MiB`;
  return part === 1 ? limit : `${limit} (${partText(part)})`;
}

function cells(row: PaperRow): readonly string[] {
  const { validity, why } = row;
  const invalid = validity?.state === 'invalid' ? ', INVALID' : '';
  return [
    row.incident,
    row.variant,
    row.measures,
    row.reported,
    why === null ? row.measuredText : `not measured: ${why}`,
    row.verdict === null ? '-' : `${row.verdict}${invalid}`,
    row.verdict === null ? '-' : beforeKill(row),
    row.runId === null ? '-' : `\`${row.runId}\``,
    why === null ? row.profile : '-',
    limitText(row),
    row.commit ?? '-',
    row.durationMs === null ? '-' : formatDuration(row.durationMs),
  ];
}

/** Of a table in Markdown. */
export const tableLine = (texts: readonly string[]): string =>
  `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;

function lengthSentence(length: PaperLength): string {
  if (length.kind === 'short') {
    return 'SHORT runs: profiles of less than a minute, with smaller limits and knobs than in the incidents.';
  }
  return length.scale === 1
    ? 'Full length.'
    : `Scale ${length.scale}: every duration and every timer of the server is multiplied by it, sizes are not.`;
}

/** The table with what a reader needs to make each number again. */
export function paperTable(rows: readonly PaperRow[], length: PaperLength): string {
  const hosts = [...new Set(rows.flatMap(({ hostClass }) => hostClass ?? []))];
  const invalid = rows.flatMap(({ runId, validity }) =>
    validity?.state === 'invalid'
      ? [`- \`${runId}\` is INVALID, so its numbers do not count: ${validity.reasons.join(' ')}`]
      : [],
  );
  const again = length.kind === 'short' ? '-- --short' : length.scale === 1 ? '' : `-- --scale ${length.scale}`;
  const parts = [
    ...new Set(rows.flatMap(({ part, incident }) => (part === 1 ? [] : [`${incident} (${partText(part)})`]))),
  ];
  return [
    `# Five incidents, faulty and fixed (${lengthText(length)})`,
    '',
    `${lengthSentence(length)} Host class: ${hosts.join('; ') || 'none, nothing was run'}. To be made again with: \`${`npm run paper ${again}`.trim()}\`.`,
    '',
    tableLine(headings),
    tableLine(headings.map(() => '---')),
    ...rows.map((row) => tableLine(cells(row))),
    '',
    'Times count from the start of the run. That of a finding is when what it tells of began, which a detector may say only later; a predicted kill is when the growth of the run would have met its limit.',
    ...(parts.length === 0
      ? []
      : [
          '',
          `This host has less memory than the incident, so inputs and limit are smaller by that: ${parts.join(', ')}. Time is not.`,
        ]),
    ...(invalid.length === 0 ? [] : ['', ...invalid]),
    '',
  ].join('\n');
}
