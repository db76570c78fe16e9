import { BenchError } from '../base/errors.ts';
import type { Adapter } from '../model/adapter.ts';
import type { Observe } from '../model/target.ts';
import type { TargetChoice } from '../phases/launch/target-choice.ts';
import { scripts } from './library.ts';
import { isLoopback, parseTarget } from './target-option.ts';

/** What a user says of the target on the command line. */
export interface TargetOptions {
  target: string;
  device: string;
  vram?: string;
  knob: readonly string[];
  memoryLimit?: number;
  exec?: string;
  readyWithin: number;
  agent?: URL;
  neighbour?: URL;
  allowRemote: boolean;
}

/** Throws unless who is sent load is this machine, or allowed by hand. */
export function refuseRemote(url: URL, isAllowed: boolean): void {
  if (!isLoopback(url) && !isAllowed) {
    throw new BenchError('REMOTE_NOT_ALLOWED', `${url.host} is not this machine.`, {
      hint: 'Overload hurts whoever shares it; if it is yours to break, add --allow-remote.',
    });
  }
}

export function chooseTarget(options: TargetOptions, timeScale: number): TargetChoice {
  const target = parseTarget(options.target);
  if (options.neighbour !== undefined) {
    refuseRemote(options.neighbour, options.allowRemote);
  }
  if (target.kind === 'worker') {
    return target;
  }
  if (target.kind === 'url') {
    if (options.memoryLimit !== undefined && options.exec === undefined) {
      throw new BenchError('USAGE', '--memory-limit holds only what bench starts, and --target is a URL.', {
        hint: 'Start the server with --exec, limit it where it is started, or use --target reference.',
      });
    }
    refuseRemote(target.url, options.allowRemote);
    return options.exec === undefined
      ? target
      : {
          kind: 'exec',
          url: target.url,
          commandLine: options.exec,
          readyWithinMs: options.readyWithin,
          limitBytes: options.memoryLimit ?? null,
        };
  }
  if (options.agent !== undefined) {
    throw new BenchError('USAGE', '--agent samples another host, and --target reference is started on this one.', {
      hint: 'Leave --agent out, or name the URL of a server on its host.',
    });
  }
  if (options.exec !== undefined) {
    throw new BenchError('USAGE', '--exec starts a server of yours, and --target is the reference server.', {
      hint: 'Name the URL where the command listens with --target.',
    });
  }
  return {
    kind: 'reference',
    limitBytes: options.memoryLimit ?? null,
    options: {
      script: scripts.referenceServer,
      fault: target.fault,
      fixes: target.fixes,
      device: options.device,
      vram: options.vram ?? null,
      knobs: options.knob,
      timeScale,
      port: 0,
    },
  };
}

/** A worker without a port can only be found by name, and only be driven by what it fetches. */
export function refuseLostWorker({ kind }: TargetChoice, adapter: Adapter, observe: Observe): void {
  if (kind === 'worker' && (adapter.kind === 'call' || observe.by === 'listening-socket')) {
    const what = adapter.kind === 'call' ? `and ${adapter.id} has to call it` : 'and nothing says which process it is';
    throw new BenchError('USAGE', `--target worker has no port, ${what}.`, {
      hint: 'Use --adapter job-queue and --pid, --cgroup, --unit or --container.',
    });
  }
}
