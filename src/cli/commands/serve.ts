import { execa } from 'execa';
import { referenceArguments } from '../../phases/launch/launch.ts';
import { openMemoryLimit } from '../../phases/launch/memory-limit.ts';
import { scripts } from '../library.ts';
import { catchSignals } from '../signals.ts';
import { openTerminal } from '../terminal.ts';

export interface ServeOptions {
  fault?: string;
  fix: readonly string[];
  device: string;
  vram?: string;
  knob: readonly string[];
  port: number;
  scale: number;
  memoryLimit?: number;
}

/** The reference server in the foreground, until Ctrl-C; its JSON line on stdout says where it listens. */
export async function serveCommand(options: ServeOptions): Promise<number> {
  const terminal = openTerminal();
  const limit =
    options.memoryLimit === undefined ? null : await openMemoryLimit(options.memoryLimit, `headroom-${process.pid}`);
  const args = referenceArguments({
    fault: options.fault ?? null,
    fixes: options.fix,
    device: options.device,
    vram: options.vram ?? null,
    knobs: options.knob,
    timeScale: options.scale,
    port: options.port,
  });
  // Should we be killed, or started in the background by a shell that is, the server sees its stdin close and ends.
  args.push('--end-with-parent');
  const command = process.execPath;
  const wrapped = limit?.wrap(command, [scripts.referenceServer, ...args]) ?? {
    command,
    args: [scripts.referenceServer, ...args],
  };
  if (limit !== null) {
    terminal.err(`memory limit: ${limit.how}`);
  }
  const signals = catchSignals(() => terminal.err('stopping the server'));
  try {
    const server = await execa(wrapped.command, wrapped.args, {
      stdin: 'pipe',
      stdout: 'inherit',
      stderr: 'inherit',
      buffer: false,
      reject: false,
      cancelSignal: signals.signal,
      forceKillAfterDelay: 5000,
    });
    return signals.caught() === null ? (server.exitCode ?? 1) : 0;
  } finally {
    signals.release();
    await limit?.release();
  }
}
