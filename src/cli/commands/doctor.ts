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

export interface DoctorOptions extends ObserveOptions {
  target?: string;
  json: boolean;
}

const headings: Readonly<Record<DoctorRow['group'], string>> = {
  host: 'This host',
  readable: 'What may be read here',
  tools: 'Programs and devices',
  target: 'The target',
  probes: 'What is read of it',
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

function parseUrl(target: string | undefined): URL | null {
  if (target === undefined) {
    return null;
  }
  const parsed = parseTarget(target);
  if (parsed.kind !== 'url') {
    throw new BenchError('USAGE', 'bench doctor looks at a server that runs, and starts none.', {
      hint: 'Start it with bench serve, and name its URL with --target.',
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

/** Lines of at most `width`, broken at blanks. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
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

function lastLine(rows: readonly DoctorRow[], named: boolean, isFound: boolean, hasProc: boolean): string {
  if (!hasProc) {
    return 'Nothing can be observed on this host.';
  }
  if (!named) {
    return 'No server was named, so the probes were tried on bench itself. For a server: bench doctor --target URL';
  }
  if (!isFound) {
    return 'The memory of the target cannot be observed as it was named.';
  }
  const isUnwell = rows.some(({ what, state }) => what === healthRtt.id && state !== 'yes');
  return isUnwell
    ? `The memory of the target can be observed, but not whether it is well: see ${healthRtt.id}.`
    : 'The target can be observed.';
}

/** host -> what may be read -> programs -> target found -> every probe opened and read twice -> table */
export async function doctorCommand(options: DoctorOptions): Promise<number> {
  const terminal = openTerminal();
  refuseUnknownProbe(options.probe);
  const url = parseUrl(options.target);
  const observe = parseObserve(options);
  if (options.agent !== undefined) {
    throw new BenchError('USAGE', 'bench doctor looks at the machine that it runs on, not at that of --agent.', {
      hint: 'Run bench doctor there, with the same options but --agent.',
    });
  }
  const named = url !== null || observe.by !== 'listening-socket';
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
  const examined = await examine(named, observe, address, {
    host,
    wanted: probes.filter(({ id }) => !options.probe.includes(id)),
  });
  const rows = [...machine, ...examined.rows];
  const isFound = examined.isFound && (hasProc || observe.by === 'prometheus');
  if (options.json) {
    terminal.out(JSON.stringify({ isFound, rows }));
  } else {
    printRows(rows, terminal);
    terminal.out(`\n${lastLine(rows, named, examined.isFound, hasProc)}`);
  }
  return isFound ? 0 : 5;
}
