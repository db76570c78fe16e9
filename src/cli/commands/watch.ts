import { BenchError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { detectors } from '../../detectors/index.ts';
import { importers } from '../../importers/index.ts';
import type { OpenProbe } from '../../model/probe.ts';
import type { TargetAddress } from '../../model/target.ts';
import { findTarget } from '../../phases/launch/find-target.ts';
import { localHostView } from '../../phases/sampler/local-host-view.ts';
import { assertCommand, exitCodeOfCommand } from '../../phases/watch/command.ts';
import { type Watched, watch } from '../../phases/watch/watch.ts';
import { clientProbes } from '../../probes/index.ts';
import { targetFinders } from '../../targets/index.ts';
import { exitCodeOf } from '../exit-code.ts';
import { packageRoot, packageVersion, scripts } from '../library.ts';
import { type ObserveOptions, parseAgent, parseObserve } from '../observe-options.ts';
import { type GuardOption, guardRatioOf } from '../option-values.ts';
import { refuseUnknownProbe } from '../refuse-unknown-probe.ts';
import { catchSignals } from '../signals.ts';
import { printSummary } from '../summary.ts';
import { parseTarget } from '../target-option.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { warnOfOpenToken } from '../token-file.ts';
import { writePage } from './report.ts';

const usualIntervalMs = 1000;

export interface WatchCommandOptions extends ObserveOptions {
  target?: string;
  records?: string;
  format?: string;
  before: number;
  after: number;
  interval?: number;
  guard: GuardOption;
  guardStop: boolean;
  out: string;
  runId?: string;
  reports: string;
  report: boolean;
  quiet: boolean;
  strict: boolean;
  anonymize: boolean;
  static: boolean;
}

type Address = Pick<TargetAddress, 'url' | 'healthPath' | 'readyPath' | 'metricsUrl'>;

function parseAddress(options: WatchCommandOptions): Address {
  const target = options.target === undefined ? null : parseTarget(options.target);
  if (target !== null && target.kind !== 'url') {
    throw new BenchError(
      'USAGE',
      `--target ${options.target ?? ''}: the load of a watched command goes to a server of yours.`,
      {
        hint: 'Start one with bench serve --port 9005, and watch --target http://127.0.0.1:9005.',
      },
    );
  }
  return {
    url: target?.url ?? null,
    healthPath: options.health,
    readyPath: options.ready ?? null,
    metricsUrl: options.metrics ?? null,
  };
}

function refuseWithoutTarget(options: WatchCommandOptions): void {
  const { target, pid, cgroup, unit, container, prometheus } = options;
  if ([target, pid, cgroup, unit, container, prometheus].every((way) => way === undefined)) {
    throw new BenchError('USAGE', 'bench watch does not know whose memory to watch.', {
      hint: 'Name it: --target URL, --pid, --cgroup, --unit, --container, or --prometheus with --selector.',
    });
  }
}

/** The command's failure is told as it is; where it did well, or we ended it, the verdict speaks. */
function exitCode({ result, command, guardStopped }: Watched, strict: boolean, signal: NodeJS.Signals | null): number {
  const theirs = command === null || guardStopped ? 0 : exitCodeOfCommand(command);
  return theirs === 0 ? exitCodeOf(result, { strict, signal }) : theirs;
}

function openProbes(): Promise<{ id: string; open: OpenProbe }[]> {
  return Promise.all(clientProbes.map(async (probe) => ({ id: probe.id, open: await probe.open() })));
}

/** stdout belongs to the command: every word of ours goes to stderr. */
function ownTerminal(quiet: boolean): Terminal {
  const terminal = openTerminal({ quiet });
  return {
    ...terminal,
    isLive: false,
    out: (text) => process.stderr.write(`${printable(text, terminal.color.isColorSupported)}\n`),
  };
}

export async function watchCommand(command: readonly string[], options: WatchCommandOptions): Promise<number> {
  refuseWithoutTarget(options);
  refuseUnknownProbe(options.probe);
  const [name] = command;
  if (name === undefined) {
    throw new BenchError('USAGE', 'bench watch needs a command.', {
      hint: 'Put it after --, for example: bench watch --target URL -- k6 run script.js',
    });
  }
  const address = parseAddress(options);
  const observe = parseObserve(options);
  const agent = parseAgent(options);
  const terminal = ownTerminal(options.quiet);
  warnOfOpenToken(options.agentTokenFile, terminal);
  const signals = catchSignals(() =>
    terminal.err('bench: the run is sealed when the command has ended; a second Ctrl-C leaves at once'),
  );
  try {
    const watched = await watch({
      command,
      address,
      observe,
      agent,
      async preflight() {
        assertCommand(name, process.env['PATH'] ?? '');
        // An agent finds the target on its own host.
        if (agent === null) {
          await findTarget(targetFinders, observe, { ...address, deviceMonitor: null }, localHostView());
        }
      },
      records: options.records === undefined ? null : { path: options.records, format: options.format ?? null },
      importers,
      beforeMs: options.before,
      afterMs: options.after,
      sampleIntervalMs: options.interval ?? usualIntervalMs,
      skipProbes: options.probe,
      guardRatio: guardRatioOf(options.guard),
      guardStops: options.guardStop,
      hasTerminal: process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY,
      outFolder: options.out,
      runId: options.runId ?? null,
      argv: process.argv.slice(2),
      toolVersion: packageVersion(),
      packageRoot,
      samplerScript: scripts.sampler,
      openClientProbes: openProbes,
      detectors,
      isAnonymized: options.anonymize,
      signal: signals.signal,
      onStart(folder, observed) {
        terminal.err(`bench: run ${folder.runId} watches ${observed}`);
      },
      // Quiet or not: what was asked for and did not come must be told.
      onWarning: (text) => process.stderr.write(`bench: ${printable(text)}\n`),
    });
    const reportPath = options.report ? await writePage(watched.result, options) : null;
    printSummary(watched.result, reportPath, terminal);
    terminal.err(`results ${watched.folder.path}`);
    return exitCode(watched, options.strict, signals.caught());
  } finally {
    signals.release();
  }
}
