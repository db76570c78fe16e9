import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { BenchError, messageOf } from '../../base/errors.ts';
import { formatBytes } from '../../base/units.ts';

/** A way to hold one command and its children under a real memory limit. */
export interface MemoryLimit {
  bytes: number;
  /** In words, for the manifest: which of the four ways it is. */
  how: string;
  /** The group's folder, for its counters; null where there is none. */
  group: { version: 1 | 2; folder: string } | null;
  wrap(command: string, args: readonly string[]): { command: string; args: readonly string[] };
  /** Removes the group; the last process has ended before. */
  release(): Promise<void>;
}

/** Enters the group before the command exists, so that not one page is charged elsewhere. */
const enterThenExec = 'echo $$ > "$0/cgroup.procs" && exec "$@"';

function throughGroup(folder: string, version: 1 | 2, bytes: number): MemoryLimit {
  return {
    bytes,
    how: `cgroup v${version} ${folder}`,
    group: { version, folder },
    wrap: (command, args) => ({ command: 'sh', args: ['-c', enterThenExec, folder, command, ...args] }),
    async release() {
      // A group stays busy for a moment after its last process: the kernel empties it late.
      for (let attempt = 0; attempt < 50; attempt += 1) {
        try {
          rmdirSync(folder);
          return;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 40));
        }
      }
    },
  };
}

function ownGroup(controller: 'v1' | 'v2'): string | null {
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').split('\n')) {
    const [, controllers, path] = line.split(':');
    const isWanted = controller === 'v2' ? controllers === '' : controllers?.split(',').includes('memory') === true;
    if (isWanted && path !== undefined) {
      return path;
    }
  }
  return null;
}

function tryV2(bytes: number, name: string): MemoryLimit | string {
  const own = ownGroup('v2');
  const mount = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((path) =>
    existsSync(join(path, 'cgroup.controllers')),
  );
  if (own === null || mount === undefined) {
    return 'no cgroup v2 tree';
  }
  // A group with processes cannot give controllers to children, so ours is made beside our own.
  const parent = own === '/' ? mount : dirname(join(mount, own));
  try {
    const given = readFileSync(join(parent, 'cgroup.subtree_control'), 'utf8');
    if (!given.split(/\s+/).includes('memory')) {
      return `no memory controller below ${parent}`;
    }
    const folder = join(parent, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'memory.max'), String(bytes));
    if (existsSync(join(folder, 'memory.swap.max'))) {
      writeFileSync(join(folder, 'memory.swap.max'), '0');
    }
    return throughGroup(folder, 2, bytes);
  } catch (error: unknown) {
    return messageOf(error);
  }
}

function tryV1(bytes: number, name: string): MemoryLimit | string {
  const own = ownGroup('v1');
  const mount = '/sys/fs/cgroup/memory';
  if (own === null || !existsSync(mount)) {
    return 'no cgroup v1 memory controller';
  }
  // Inside a container the path of the host is not there; the mount's root is then our own group.
  const base = existsSync(join(mount, own)) ? join(mount, own) : mount;
  try {
    const folder = join(base, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'memory.limit_in_bytes'), String(bytes));
    try {
      writeFileSync(join(folder, 'memory.memsw.limit_in_bytes'), String(bytes));
    } catch {
      // Kernels without swap accounting lack the file's write; the limit on memory still holds.
    }
    return throughGroup(folder, 1, bytes);
  } catch (error: unknown) {
    return messageOf(error);
  }
}

async function trySystemd(bytes: number, name: string): Promise<MemoryLimit | string> {
  const scope = ['--user', '--scope', '--quiet', `--unit=${name}`, '-p', `MemoryMax=${bytes}`, '-p', 'MemorySwapMax=0'];
  const trial = await execa('systemd-run', [...scope.slice(0, 3), '-p', `MemoryMax=${bytes}`, 'true'], {
    reject: false,
    timeout: 5000,
  });
  if (trial.exitCode !== 0) {
    return trial.code === 'ENOENT' ? 'no systemd-run' : 'systemd-run refused a user scope';
  }
  return {
    bytes,
    how: `systemd scope ${name}`,
    group: null,
    wrap: (command, args) => ({ command: 'systemd-run', args: [...scope, command, ...args] }),
    release: () => Promise.resolve(),
  };
}

function tryDataLimit(bytes: number): MemoryLimit | string {
  try {
    accessSync('/usr/bin/prlimit', constants.X_OK);
  } catch {
    return 'no prlimit';
  }
  return {
    bytes,
    how: 'RLIMIT_DATA of each process (not of their sum)',
    group: null,
    wrap: (command, args) => ({ command: '/usr/bin/prlimit', args: [`--data=${bytes}`, command, ...args] }),
    release: () => Promise.resolve(),
  };
}

/**
 * The first way that this host allows: cgroup v2, cgroup v1, systemd scope, RLIMIT_DATA.
 * Throws LIMIT_UNAVAILABLE with the reason of each.
 */
export async function openMemoryLimit(bytes: number, name: string): Promise<MemoryLimit> {
  const reasons: string[] = [];
  for (const attempt of [
    () => tryV2(bytes, name),
    () => tryV1(bytes, name),
    () => trySystemd(bytes, name),
    () => tryDataLimit(bytes),
  ]) {
    const answer = await attempt();
    if (typeof answer !== 'string') {
      return answer;
    }
    reasons.push(answer);
  }
  throw new BenchError(
    'LIMIT_UNAVAILABLE',
    `A memory limit of ${formatBytes(bytes)} cannot be set here: ${reasons.join('; ')}.`,
    {
      hint: 'Run as root, inside a delegated systemd scope, or without --memory-limit.',
    },
  );
}
