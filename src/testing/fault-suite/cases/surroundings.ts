import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultCase, Place } from '../fault-case.ts';
import { startBench, withTarget } from '../programs.ts';
import { endTroubles, manners, readResult } from '../readback.ts';
import { runArguments, runPlace } from '../run-of-suite.ts';

const isRoot = process.getuid?.() === 0;
/** An empty file system over /proc, in a mount namespace that ends with the command. */
const withoutProc = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];

export function noProc(): FaultCase {
  return {
    id: 'no-proc',
    fault: 'a host without /proc, as macOS is one',
    mustHold: 'load and report work; what cannot be observed is named, and no memory is told',
    times: 1,
    atOnce: 1,
    missing: () => {
      const [command = '', ...args] = withoutProc;
      return spawnSync(command, [...args, 'true']).status === 0 ? null : 'it needs root, and unshare of util-linux';
    },
    async once(place) {
      const run = runPlace(place, 'no-proc');
      return await withTarget([], async (target) => {
        const ended = await startBench(runArguments('tiny', target, run), { wrap: withoutProc }).ended;
        const troubles = await endTroubles(run, ended, [0, 3]);
        if (troubles.length > 0) {
          return troubles;
        }
        const { memory, requests, events } = readResult(run);
        return [
          ...(memory.peakBytes === null ? [] : [`a peak of ${memory.peakBytes} bytes is told`]),
          ...(requests.outcomes.ok + requests.outcomes.semantic_error > 0 ? [] : ['no request was answered']),
          ...(events.some(({ kind }) => kind === 'probe_unavailable') ? [] : ['nothing is named as not observed']),
        ];
      });
    },
  };
}

async function inReadOnly<T>(place: Place, name: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(place.scratch, name);
  mkdirSync(folder);
  if (!isRoot) {
    chmodSync(folder, 0o555);
    return await use(folder);
  }
  // Permissions do not bind root.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k', 'headroom-suite', folder]);
  try {
    return await use(folder);
  } finally {
    execFileSync('umount', [folder]);
  }
}

export function readOnlyFolder(): FaultCase {
  return {
    id: 'read-only-folder',
    fault: 'results, or only reports, on a read-only disk',
    mustHold: 'exit 5 with one line; where only the page fails, the run is sealed',
    times: 2,
    atOnce: 1,
    missing: () => null,
    async once(place, nth) {
      return await inReadOnly(place, `read-only-${nth}`, async (folder) => {
        const usual = runPlace(place, `read-only-${nth}`);
        const run = nth === 0 ? { ...usual, outFolder: folder } : { ...usual, reportsFolder: folder };
        const ended = await withTarget([], (target) => startBench(runArguments('tiny', target, run)).ended);
        const lines = ended.stderr.split('\n').filter((line) => line.startsWith('bench: '));
        const troubles = nth === 0 ? manners('run', ended) : await endTroubles(run, ended, [5]);
        return [
          ...troubles,
          ...(ended.exitCode === 5 ? [] : [`exit ${ended.exitCode}`]),
          ...(lines.length === 1 && lines[0]?.includes('cannot be written')
            ? []
            : [`it said: ${ended.stderr.slice(-400)}`]),
        ];
      });
    },
  };
}
