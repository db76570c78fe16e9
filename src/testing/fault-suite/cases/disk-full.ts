import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultCase, Place } from '../fault-case.ts';
import { type StartOptions, startBench, withTarget } from '../programs.ts';
import { endTroubles, manners, readBack } from '../readback.ts';
import { runArguments, runPlace } from '../run-of-suite.ts';

/** Every file of a tmpfs takes a page, so less than this holds not even the first files. */
const leastBytes = 8 * 1024;

/** Root has a small disk of its own; anybody else has a limit on the size of a file. */
const canMount = process.getuid?.() === 0 && process.platform === 'linux';

async function withDisk<T>(
  place: Place,
  name: string,
  sizeBytes: number,
  use: (folder: string, grow: () => void, options: StartOptions) => Promise<T>,
): Promise<T> {
  const folder = join(place.scratch, name);
  mkdirSync(folder);
  if (!canMount) {
    const blocks = Math.ceil(sizeBytes / 512);
    return await use(folder, () => undefined, { wrap: ['sh', '-c', `ulimit -f ${blocks}; exec "$@"`, 'sh'] });
  }
  const mount = (options: string): void => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'headroom-suite', folder]);
  };
  mount(`size=${sizeBytes}`);
  try {
    return await use(folder, () => mount('remount,size=64m'), {});
  } finally {
    execFileSync('umount', [folder]);
  }
}

/** `wholeBytes`: what an undisturbed run takes on the disk. */
export function diskFull(times: number, wholeBytes: number): FaultCase {
  return {
    id: 'disk-full',
    fault: canMount ? 'the disk of the results is full at a random moment' : 'ulimit -f ends a file at a random size',
    mustHold: 'exit 5 with one line; what was written until then can be recovered',
    times,
    atOnce: 1,
    missing: () => (spawnSync('sh', ['-c', canMount ? 'command -v mount' : 'exit 0']).status === 0 ? null : 'no mount'),
    async once(place, nth) {
      const sizeBytes = leastBytes + place.random.below(wholeBytes);
      return await withDisk(place, `disk-${nth}`, sizeBytes, async (folder, grow, options) => {
        const run = runPlace(place, `disk-full-${nth}`, folder);
        const ended = await withTarget([], (target) => startBench(runArguments('tiny', target, run), options).ended);
        grow();
        const troubles =
          ended.exitCode === 5
            ? [...manners('run', ended), ...lineTroubles(ended.stderr), ...(await readBack(run))]
            : await endTroubles(run, ended, [0, 1, 3]);
        return troubles.map((trouble) => `${sizeBytes} bytes: ${trouble}`);
      });
    },
  };
}

/** One line for the user, which names the file and the cause. */
function lineTroubles(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => line.startsWith('bench: '));
  return lines.length === 1 && /cannot be written: (ENOSPC|EFBIG|EDQUOT)/.test(lines[0] ?? '')
    ? []
    : [`it said: ${stderr.slice(-400)}`];
}
