import { systemCodeOf } from '../base/errors.ts';
import { clockTicksPerSecond, parseProcessStat } from '../base/procfs.ts';
import type { Manifest } from '../model/manifest.ts';

/** The boot time is told in whole seconds. */
const startToleranceMs = 2000;

/** What is asked of this host; a text is null where it cannot be read. */
export interface ProcessView {
  /** Whether a process of this number is there, whoever's it is. */
  isAlive(pid: number): boolean;
  /** Of a file below /proc. */
  read(path: string): string | null;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    return systemCodeOf(error) === 'EPERM';
  }
}

function bootMs(view: ProcessView): number | null {
  const seconds = /^btime (\d+)$/m.exec(view.read('/proc/stat') ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

/**
 * Why the process that the manifest names is not the harness of the run any more; null: it is, as far as can be told.
 * A number is used again after a while, and after a boot at once, so start time and arguments must agree too.
 */
export function whyHarnessIsGone(
  manifest: Pick<Manifest, 'pid' | 'startedAt' | 'argv'>,
  view: ProcessView,
): string | null {
  const { pid } = manifest;
  const startedMs = Date.parse(manifest.startedAt);
  const boot = bootMs(view);
  if (boot !== null && boot > startedMs + startToleranceMs) {
    return 'the host was started anew since';
  }
  if (!view.isAlive(pid)) {
    return `process ${pid} is gone`;
  }
  const stat = parseProcessStat(view.read(`/proc/${pid}/stat`) ?? '');
  if (stat !== null && boot !== null) {
    const processMs = boot + (stat.startTicks / clockTicksPerSecond) * 1000;
    if (processMs > startedMs + startToleranceMs) {
      return `process ${pid} is another one, which was started later`;
    }
  }
  const commandLine = view.read(`/proc/${pid}/cmdline`);
  if (commandLine !== null && !isCommand(commandLine.split('\0'), manifest.argv)) {
    return `process ${pid} is another program`;
  }
  return null;
}

/** Masked arguments may have been anything. */
function isCommand(commandLine: readonly string[], argv: readonly string[]): boolean {
  const given = commandLine.at(-1) === '' ? commandLine.slice(0, -1) : commandLine;
  const last = given.slice(-argv.length);
  return argv.length === 0 || argv.every((argument, index) => argument.includes('***') || argument === last[index]);
}
