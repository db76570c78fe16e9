import { userInfo } from 'node:os';
import { BenchError } from '../../base/errors.ts';
import { formatShare } from '../../base/units.ts';
import { calibrate, type MetricCalibration } from '../../computed/gate/calibrate.ts';
import { valueText } from '../../computed/gate/value-text.ts';
import type { HistoryLine, HistorySession } from '../../model/history.ts';
import { acceptShift, addSession } from '../../phases/gate/history.ts';
import { historyFiles, readHistory } from '../../store/history.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { openSession } from './gate.ts';
import { readGateConstants } from './gate-constants.ts';
import { counted, stateText } from './gate-lines.ts';

type Output = Pick<Terminal, 'out' | 'color'>;

export interface HistoryOptions {
  out: string;
  history?: string;
  json: boolean;
}

export interface HistoryAddOptions extends HistoryOptions {
  project?: string;
  gates?: string;
  confirm: 'auto' | 'off';
  confirmation: readonly string[];
}

/** Judges a session and puts it into the history of its series; an invalid one is refused, exit 3. */
export async function historyAddCommand(
  runs: readonly string[],
  options: HistoryAddOptions,
  terminal: Output = openTerminal(),
): Promise<number> {
  const gated = openSession(runs, options);
  const added = addSession(gated);
  const { decision, historyFile } = gated;
  if (options.json) {
    terminal.out(JSON.stringify({ added, state: decision.state, series: decision.series, historyFile }));
  } else {
    const what = added === 'refused' ? 'refused, an invalid session is never stored' : added;
    terminal.out(`${decision.sessionId} ${what}: ${historyFile}`);
    terminal.out(`gate ${stateText(decision.state, terminal.color)}: ${decision.sentence}`);
  }
  return added === 'refused' ? 3 : 0;
}

/** All series, or the nights of one. */
export async function historyListCommand(
  series: string | undefined,
  options: HistoryOptions,
  terminal: Output = openTerminal(),
): Promise<number> {
  const lines = readAll(options);
  if (series === undefined) {
    const known = [...new Set(lines.map((line) => line.series))];
    const rows = known.map((name) => {
      const nights = sessionsOf(lines, name);
      return { series: name, nights: nights.length, last: nights.at(-1) ?? null };
    });
    print(
      options,
      terminal,
      rows,
      rows.length === 0
        ? ['The history is empty. Begin it with: bench history add RUN…']
        : rows.map(
            ({ series: name, nights, last }) =>
              `${name}  ${counted(nights, 'night')}, last ${last?.at ?? 'n/a'} ${last === null ? '' : stateText(last.state, terminal.color)}`,
          ),
    );
    return 0;
  }
  const own = lines.filter((line) => line.series === findSeries(lines, series));
  print(
    options,
    terminal,
    own,
    own.map((line) => historyLine(line, terminal)),
  );
  return 0;
}

function historyLine(line: HistoryLine, { color }: Output): string {
  switch (line.kind) {
    case 'session': {
      const { at, sessionId, state, isAccepted, subject, metrics } = line;
      const main = metrics
        .slice(0, 3)
        .map(({ id, stage, median, unit }) => `${id}${stage === null ? '' : `/${stage}`} ${valueText(median, unit)}`);
      const left = isAccepted ? '' : color.dim(' (does not count as usual)');
      return `${at} ${stateText(state, color, 14)} ${sessionId} ${subject.commit ?? subject.version ?? ''} ${main.join(', ')}${left}`;
    }
    case 'acceptance':
      return `${line.at} accepted       from ${line.fromSessionId} by ${line.author}: ${line.reason}${line.expiresAt === null ? '' : `, until ${line.expiresAt}`}`;
    case 'reference':
      return `${line.at} reference      of ${counted(line.sessionIds.length, 'session')}`;
  }
}

export interface HistoryAcceptOptions extends HistoryOptions {
  reason: string;
  author?: string;
  expires?: string;
}

/** Takes a shift for the new normal, with who and why. */
export async function historyAcceptCommand(
  sessionId: string,
  options: HistoryAcceptOptions,
  { terminal = openTerminal(), now = new Date() }: { terminal?: Output; now?: Date } = {},
): Promise<number> {
  const expiresAt = options.expires === undefined ? null : dateOf(options.expires);
  const path = filesOf(options).find((file) =>
    readHistory(file).some((line) => line.kind === 'session' && line.sessionId === sessionId),
  );
  if (path === undefined) {
    throw new BenchError('USAGE', `There is no session "${sessionId}" in the history.`, {
      hint: 'See them with: bench history list SERIES',
    });
  }
  const author = options.author ?? userInfo().username;
  const reference = acceptShift(path, readHistory(path), {
    sessionId,
    at: now.toISOString(),
    author,
    reason: options.reason,
    expiresAt,
  });
  const { minReference } = readGateConstants(null).relative;
  print(options, terminal, reference, [
    `accepted ${sessionId} by ${author}${expiresAt === null ? '' : `, until ${expiresAt}`}: ${path}`,
    `Nights count from there on. The reference is now of ${counted(reference.sessionIds.length, 'session')}; what is of fewer than ${minReference} runs waits for the first nights instead:`,
    ...reference.metrics.map(
      ({ id, stage, runs }) => `  ${id}${stage === null ? '' : `/${stage}`}: ${counted(runs, 'run')}`,
    ),
  ]);
  return 0;
}

function dateOf(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) {
    throw new BenchError('USAGE', `--expires "${text}" is no date.`, { hint: 'Write it like 2027-01-31.' });
  }
  return new Date(ms).toISOString();
}

export interface HistoryCalibrateOptions extends HistoryOptions {
  gates?: string;
}

/** The noise of a series whose sessions test one version: its spread, its false alarms, and thresholds that fit. */
export async function historyCalibrateCommand(
  series: string,
  options: HistoryCalibrateOptions,
  terminal: Output = openTerminal(),
): Promise<number> {
  const constants = readGateConstants(options.gates ?? null);
  const lines = readAll(options);
  const name = findSeries(lines, series);
  const nights = oneVersion(sessionsOf(lines, name));
  const needed = constants.calibration.minSessions;
  if (nights.length < needed) {
    throw new BenchError(
      'USAGE',
      `${name} has ${counted(nights.length, 'session')} of one version; ${needed} are needed to know its noise.`,
      {
        hint: 'Run the profile again without a change, with --purpose calibrate, and add each session: bench history add RUN…',
      },
    );
  }
  const found = calibrate(nights, constants);
  print(options, terminal, { series: name, sessions: nights.length, metrics: found }, [
    `${name}: ${nights.length} sessions of one version`,
    ...found.flatMap(calibrationLines),
    'Put what is proposed into your own profiles/gates.json where it is above what stands there.',
  ]);
  return 0;
}

/** Sessions made for it if there are any, else the last ones in a row of the same subject. */
function oneVersion(nights: readonly HistorySession[]): readonly HistorySession[] {
  const meant = nights.filter(({ purpose }) => purpose === 'calibrate');
  const last = (meant.length > 0 ? meant : nights).at(-1);
  const same = (meant.length > 0 ? meant : nights).toReversed();
  const other = same.findIndex(({ subject }) => JSON.stringify(subject) !== JSON.stringify(last?.subject));
  return same.slice(0, other < 0 ? same.length : other).toReversed();
}

function calibrationLines(found: MetricCalibration): string[] {
  const { proposed } = found;
  const rate = (value: number | null): string => (value === null ? 'n/a' : value.toFixed(1));
  return [
    `${found.key}: median ${valueText(found.centre, found.unit)} of ${found.sessions}`,
    `  spread within a session ${formatShare(found.withinRatio)}, between sessions ${formatShare(found.betweenRatio)}`,
    `  of 100 sessions ${rate(found.suspectsPerHundred)} would be suspect, ${rate(found.falseAlarmsPerHundred)} a false alarm after a second session`,
    `  proposed: delta ${proposed.delta}, deltaRef ${proposed.deltaRef}, floor ${proposed.floor}`,
  ];
}

function filesOf({ out, history }: HistoryOptions): readonly string[] {
  return history === undefined ? historyFiles(out) : [history];
}

function readAll(options: HistoryOptions): HistoryLine[] {
  return filesOf(options).flatMap((path) => [...readHistory(path)]);
}

/** As written last, in the order in which they came. */
function sessionsOf(lines: readonly HistoryLine[], series: string): HistorySession[] {
  const byId = new Map<string, HistorySession>();
  for (const line of lines) {
    if (line.kind === 'session' && line.series === series) {
      byId.set(line.sessionId, line);
    }
  }
  return [...byId.values()];
}

/** By its whole name, or by a beginning that only it has. */
function findSeries(lines: readonly HistoryLine[], name: string): string {
  const known = [...new Set(lines.map(({ series }) => series))].sort();
  const fitting = known.includes(name) ? [name] : known.filter((series) => series.startsWith(name));
  const [found] = fitting;
  if (found === undefined || fitting.length > 1) {
    const hint =
      known.length === 0
        ? 'Begin it with: bench history add RUN…'
        : `There are: ${(fitting.length > 1 ? fitting : known).join(', ')}.`;
    throw new BenchError(
      'UNKNOWN_NAME',
      fitting.length > 1
        ? `"${name}" is the beginning of several series.`
        : `There is no series "${name}" in the history.`,
      { hint },
    );
  }
  return found;
}

function print({ json }: HistoryOptions, terminal: Output, value: unknown, lines: readonly string[]): void {
  for (const line of json ? [JSON.stringify(value)] : lines) {
    terminal.out(line);
  }
}
