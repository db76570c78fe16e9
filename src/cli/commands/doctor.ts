import { createRequire } from 'node:module';
import { delimiter } from 'node:path';
import { BenchError, messageOf } from '../../base/errors.ts';
import type { Probe } from '../../model/probe.ts';
import type { HostView, Observe, ObservedTarget, TargetAddress } from '../../model/target.ts';
import { hostRows } from '../../phases/doctor/host.ts';
import { readableRows } from '../../phases/doctor/readable.ts';
import type { DoctorFacts, DoctorRow, DoctorState } from '../../phases/doctor/row.ts';
import { ourselves, probeRows, readTwiceAfterMs, targetRow, untouched } from '../../phases/doctor/target.ts';
import { toolRows } from '../../phases/doctor/tools.ts';
import type { TrialAccount } from '../../phases/doctor/trial-rows.ts';
import { findTarget } from '../../phases/launch/find-target.ts';
import { openMemoryLimit } from '../../phases/launch/memory-limit.ts';
import { localHostView } from '../../phases/sampler/local-host-view.ts';
import { healthRtt } from '../../probes/health-rtt.ts';
import { probes } from '../../probes/index.ts';
import { targetFinders } from '../../targets/index.ts';
import { assertReachable } from '../../targets/socket/reachability.ts';
import { type ObserveOptions, parseObserve } from '../observe-options.ts';
import { refuseUnknownProbe } from '../refuse-unknown-probe.ts';
import { parseTarget } from '../target-option.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { carryOutTrial, prepareTrial, type TrialOptions } from './doctor-trial.ts';

export interface DoctorOptions extends ObserveOptions, TrialOptions {
  target?: string;
  try: boolean;
  json: boolean;
}

const headings: Readonly<Record<DoctorRow['group'], string>> = {
  host: 'This host',
  readable: 'What may be read here',
  tools: 'Programs and devices',
  target: 'The target',
  probes: 'What is read of it',
  trial: 'One request',
};
/** A size that any way can set; the group is empty and gone at once. */
const trialBytes = 64 * 1024 ** 2;
const narrowest = 40;

async function tryLimit(): Promise<DoctorFacts['limit']> {
  try {
    const limit = await openMemoryLimit(trialBytes, `headroom-doctor-${process.pid}`);
    await limit.release();
    // The trial's own name says nothing to the reader.
    return { how: limit.how.replace(/\/?headroom-doctor-\d+/, ''), isOfSum: !limit.how.startsWith('RLIMIT') };
  } catch (error: unknown) {
    return { why: messageOf(error) };
  }
}

async function readFacts(): Promise<DoctorFacts> {
  let hasKoffi = true;
  try {
    createRequire(import.meta.url).resolve('koffi');
  } catch {
    hasKoffi = false;
  }
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    path: (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    hasKoffi,
    limit: await tryLimit(),
  };
}

/** null: no address is named; the reference server, which bench.yaml may name, runs only while a run does. */
function parseUrl({ target, try: isTried }: DoctorOptions): URL | null {
  const parsed = target === undefined ? null : parseTarget(target);
  if (parsed === null || (parsed.kind === 'reference' && !isTried)) {
    return null;
  }
  if (parsed.kind !== 'url') {
    throw new BenchError('USAGE', `bench doctor starts no server, and --target ${parsed.kind} has no address.`, {
      hint: 'Start one with bench serve, and name its address: --target http://127.0.0.1:9005.',
    });
  }
  return parsed.url;
}

/** Without a name the probes are tried on bench itself. */
async function examine(
  named: boolean,
  observe: Observe,
  address: TargetAddress,
  { host, wanted }: { host: HostView; wanted: readonly Probe[] },
): Promise<{ rows: readonly DoctorRow[]; isFound: boolean }> {
  const pause = new Promise<void>((resolve) => setTimeout(resolve, readTwiceAfterMs));
  if (!named) {
    return { rows: await probeRows(wanted, ourselves(host, address), pause), isFound: true };
  }
  const find = async (): Promise<ObservedTarget> => {
    if (address.url !== null) {
      await assertReachable(address.url);
    }
    return await findTarget(targetFinders, observe, address, host);
  };
  const { row, target, isFound } = await targetRow(find);
  return { rows: [row, ...(target === null ? [] : await probeRows(wanted, target, pause))], isFound };
}

/** Lines of at most `width`, broken at blanks, and within a word that is longer than a line. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  const words = text.split(' ').flatMap((word) => word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [word]);
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

function paint(terminal: Terminal, state: DoctorState): string {
  const text = state.padEnd(6);
  switch (state) {
    case 'yes':
      return terminal.color.green(text);
    case 'partly':
      return terminal.color.yellow(text);
    case 'no':
      return terminal.color.red(text);
    case 'absent':
      return terminal.color.dim(text);
  }
}

function printRows(rows: readonly DoctorRow[], terminal: Terminal): void {
  const nameWidth = Math.max(...rows.map(({ what }) => what.length));
  const indent = ' '.repeat(2 + 6 + 2 + nameWidth + 2);
  const width = Math.max(narrowest, terminal.columns - indent.length);
  let group: DoctorRow['group'] | null = null;
  for (const row of rows) {
    if (row.group !== group) {
      terminal.out(`${group === null ? '' : '\n'}${terminal.color.bold(headings[row.group])}`);
      group = row.group;
    }
    const remedy =
      row.remedy === null ? [] : wrap(row.remedy, width - 3).map((line, at) => `${at === 0 ? '-> ' : '   '}${line}`);
    const [first = '', ...others] = [...wrap(row.found, width), ...remedy];
    terminal.out(`  ${paint(terminal, row.state)}  ${row.what.padEnd(nameWidth)}  ${first}`);
    for (const line of others) {
      terminal.out(`${indent}${line}`);
    }
  }
}

interface Examined {
  rows: readonly DoctorRow[];
  isFound: boolean;
  account: TrialAccount | null;
}

function lastLine({ rows, isFound, account }: Examined, options: DoctorOptions, isNamed: boolean): string {
  if (rows.some(({ what, state }) => what === 'system' && state !== 'yes')) {
    return 'Nothing can be observed on this host.';
  }
  if (!isNamed) {
    return options.target === undefined
      ? 'No server was named, so the probes were tried on bench itself. For a server: bench doctor --target URL'
      : 'The reference server is started by bench run; the probes were tried on bench itself.';
  }
  if (account !== null && account.outcome !== 'ok') {
    return `The target did not answer as ${account.adapter} does, so a run would fail: see outcome.`;
  }
  const answers = account === null ? '' : ', and it answers';
  if (!isFound) {
    return `The memory of the target cannot be observed as it was named${answers}.`;
  }
  const isUnwell = rows.some(({ what, state }) => what === healthRtt.id && state !== 'yes');
  if (isUnwell) {
    return `The memory of the target can be observed${answers}, but not whether it is well: see ${healthRtt.id}.`;
  }
  return account === null
    ? `The target can be observed. Whether it answers is not known: --try sends it one request.`
    : 'The target can be observed, and it answers: bench run with the same options is next.';
}

/** host -> what may be read -> programs -> target found -> every probe opened and read twice -> one request -> table */
export async function doctorCommand(profile: string | null, options: DoctorOptions): Promise<number> {
  const terminal = openTerminal();
  refuseUnknownProbe(options.probe);
  const url = parseUrl(options);
  const observe = parseObserve(options);
  if (options.agent !== undefined) {
    throw new BenchError('USAGE', 'bench doctor looks at the machine that it runs on, not at that of --agent.', {
      hint: 'Run bench doctor there, with the same options but --agent.',
    });
  }
  const trial = options.try ? await prepareTrial(profile, url, options) : null;
  const isNamed = url !== null || observe.by !== 'listening-socket';
  const host = untouched(localHostView());
  const facts = await readFacts();
  const address: TargetAddress = {
    url,
    healthPath: options.health,
    readyPath: options.ready ?? null,
    metricsUrl: options.metrics ?? null,
    deviceMonitor: null,
  };
  const machine = [...hostRows(host, facts), ...readableRows(host, facts), ...toolRows(host, facts)];
  const hasProc = machine.every((row) => row.what !== 'system' || row.state === 'yes');
  const { rows, isFound } = await examine(isNamed, observe, address, {
    host,
    wanted: probes.filter(({ id }) => !options.probe.includes(id)),
  });
  // After the probes, so that what they read is the server at rest.
  const tried = trial === null ? null : await carryOutTrial(trial, terminal.err);
  const examined: Examined = {
    rows: [...machine, ...rows, ...(tried?.rows ?? [])],
    isFound: isFound && (hasProc || observe.by === 'prometheus'),
    account: tried?.account ?? null,
  };
  if (options.json) {
    const { isFound: found, rows: all, account } = examined;
    terminal.out(JSON.stringify({ isFound: found, rows: all, ...(account === null ? {} : { trial: account }) }));
  } else {
    printRows(examined.rows, terminal);
    terminal.out(`\n${lastLine(examined, options, isNamed)}`);
  }
  return examined.isFound && (examined.account === null || examined.account.outcome === 'ok') ? 0 : 5;
}
