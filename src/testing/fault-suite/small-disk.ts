import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './fault-case.ts';
import type { StartOptions } from './programs.ts';

/** Every file of a tmpfs takes a page, so less than this holds not even the first files. */
const leastBytes = 8 * 1024;

/** Root has a small disk of its own; anybody else has a limit on the size of a file. */
const canMount = process.getuid?.() === 0 && process.platform === 'linux';

/** How the fault is told, and why it cannot be staged here; null: it can. */
export const smallDisk = {
  told: canMount ? 'the disk of the results is full at a random moment' : 'ulimit -f ends a file at a random size',
  missing: (): string | null =>
    spawnSync('sh', ['-c', canMount ? 'command -v mount' : 'exit 0']).status === 0 ? null : 'no mount',
} as const;

interface SmallDisk {
  folder: string;
  sizeBytes: number;
  /** With these a command meets the end of the disk. */
  options: StartOptions;
  /** There is room from now on, for commands without `options`. */
  grow(): void;
}

/** A disk of a random size, up to `mostBytes` above the least, for as long as `use` takes. */
export async function withSmallDisk<T>(
  place: Place,
  name: string,
  mostBytes: number,
  use: (disk: SmallDisk) => Promise<T>,
): Promise<T> {
  const sizeBytes = leastBytes + place.random.below(mostBytes);
  const folder = join(place.scratch, name);
  mkdirSync(folder);
  if (!canMount) {
    const wrap = ['sh', '-c', `ulimit -f ${Math.ceil(sizeBytes / 512)}; exec "$@"`, 'sh'];
    return await use({ folder, sizeBytes, options: { wrap }, grow: () => undefined });
  }
  const mount = (options: string): void => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'headroom-suite', folder]);
  };
  mount(`size=${sizeBytes}`);
  try {
    return await use({ folder, sizeBytes, options: {}, grow: () => mount('remount,size=64m') });
  } finally {
    execFileSync('umount', [folder]);
  }
}

/** One line for the user, which names the file and the cause. */
export function lineTroubles(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => /^bench: (?!run \S+ watches )/.test(line));
  return lines.length === 1 && /cannot be written: (ENOSPC|EFBIG|EDQUOT)/.test(lines[0] ?? '')
    ? []
    : [`it said: ${stderr.slice(-400)}`];
}
