import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError, systemCodeOf } from '../../../base/errors.ts';
import type { Stage } from './settings.ts';

const prefix = 'headroom-ingest-';
const shmFolder = '/dev/shm';

/** File systems that are memory (statfs(2)): tmpfs, ramfs. */
const memoryTypes: readonly number[] = [0x01021994, 0x858458f6];

function isMemory(folder: string): boolean {
  return memoryTypes.includes(Number(statfsSync(folder).type));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) !== 'ESRCH';
  }
}

/** Folders that a server left behind that was killed with all its children; those of others are left alone. */
export function removeStale(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) {
      continue;
    }
    const path = join(parent, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true && stat.uid === process.getuid?.()) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/** On disk means on a disk: a /tmp that is memory would be the fault under another name. */
function parentFor(stage: Stage): string {
  const places = stage === 'shm' ? [shmFolder] : [tmpdir(), '/var/tmp', process.cwd()];
  const place = places.find((folder) => existsSync(folder) && isMemory(folder) === (stage === 'shm'));
  if (place === undefined) {
    throw new BenchError(
      'TARGET_FAILED_TO_START',
      `Batches cannot wait on ${stage}: ${places.join(', ')} will not do.`,
      {
        hint: stage === 'shm' ? 'Take --knob stage=disk.' : 'Set TMPDIR to a folder on a disk.',
      },
    );
  }
  return place;
}

/** A folder of our own, named by our process, so that a later start can tell that we are gone. */
export function makeStagingFolder(stage: Stage): string {
  const parent = parentFor(stage);
  removeStale(parent);
  return mkdtempSync(join(parent, `${prefix}${process.pid}-`));
}

export function removeStagingFolder(folder: string): void {
  // A loader that is about to end may still put a file there.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}
