import { formatBytes, formatClock, formatDuration } from '../../base/units.ts';
import type { Finding } from '../../model/detector.ts';
import type { RunResult } from '../../model/result.ts';
import { lengthText, type PaperLength, type PaperRun } from './paper-runs.ts';

/** The number by which an incident is told from its fix. */
interface DecidingNumber {
  measures: string;
  detector: string;
  /** null: the finding holds no such number. */
  read(finding: Finding): number | null;
  format(value: number): string;
  /** As it was in the incident, faulty and fixed. */
  reported: readonly [faulty: string, fixed: string];
}

const asValue = ({ value }: Finding): number | null => value;
const asRatio = (value: number): string => value.toFixed(2);

const decidingNumbers: Readonly<Record<string, DecidingNumber>> = {
  'hotcold-stt': {
    measures: 'growth with no load',
    detector: 'growth-without-load',
    read: asValue,
    format: (value) => `${formatBytes(value)}/s`,
    reported: ['~20 MiB/s', '0'],
  },
  'code-sandbox': {
    measures: 'kills in the whole run',
    detector: 'oom-kill',
    read: asValue,
    format: String,
    reported: ['2 at 3 at once', '0'],
  },
  'shared-gpu-model-cache': {
    measures: 'retained ratio',
    detector: 'retained-memory',
    read: asValue,
    format: asRatio,
    reported: ['1.00', '~0'],
  },
  'lazy-weights-server': {
    measures: 'peak of 8 first callers / peak of 1',
    detector: 'cold-multiplier',
    read: asValue,
    format: asRatio,
    reported: ['>= 2.0', '1.0'],
  },
  'image-ingest-worker': {
    measures: 'plateau of /dev/shm',
    detector: 'shm-plateau',
    read: ({ evidence }) => (typeof evidence['unseenBytes'] === 'number' ? evidence['unseenBytes'] : null),
    format: formatBytes,
    reported: ['57.4 GiB', '9.6 GiB'],
  },
};

/** A run as it stands in the table and in its JSON; null: not measured, or not there. */
export interface PaperRow {
  incident: string;
  fault: string;
  variant: 'faulty' | 'fixed';
  profile: string;
  limitMib: number | null;
  measures: string;
  reported: string;
  measured: number | null;
  measuredText: string;
  verdict: RunResult['verdict'] | null;
  validity: RunResult['validity'] | null;
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
  const number = decidingNumbers[incident];
  const finding = findings.find(({ detector }) => detector === number?.detector);
  if (number === undefined || finding === undefined) {
    return { measured: null, measuredText: 'not measured' };
  }
  const measured = number.read(finding);
  const measuredText =
    measured === null ? `no number: ${finding.detector} is ${finding.verdict}` : number.format(measured);
  return { measured, measuredText };
}

/** A run that was not made: `why` says why. */
export function missingRow({ incident, fault, isFaulty, profile, limitMib }: PaperRun, why: string | null): PaperRow {
  const number = decidingNumbers[incident];
  return {
    incident,
    fault,
    variant: isFaulty ? 'faulty' : 'fixed',
    profile,
    limitMib,
    measures: number?.measures ?? '',
    reported: number?.reported[isFaulty ? 0 : 1] ?? '',
    measured: null,
    measuredText: 'not measured',
    verdict: null,
    validity: null,
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
    row.limitMib === null ? 'of the host' : `${row.limitMib} MiB`,
    row.commit ?? '-',
    row.durationMs === null ? '-' : formatDuration(row.durationMs),
  ];
}

const line = (texts: readonly string[]): string =>
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
  return [
    `# Five incidents, faulty and fixed (${lengthText(length)})`,
    '',
    `${lengthSentence(length)} Host class: ${hosts.join('; ') || 'none, nothing was run'}. To be made again with: \`${`npm run paper ${again}`.trim()}\`.`,
    '',
    line(headings),
    line(headings.map(() => '---')),
    ...rows.map((row) => line(cells(row))),
    '',
    'Times count from the start of the run. That of a finding is when what it tells of began, which a detector may say only later; a predicted kill is when the growth of the run would have met its limit.',
    ...(invalid.length === 0 ? [] : ['', ...invalid]),
    '',
  ].join('\n');
}
