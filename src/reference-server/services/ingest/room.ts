import { statfsSync } from 'node:fs';
import { type MemoryBound, readMemoryBounds } from '../../memory.ts';
import type { Room } from './plan.ts';

/** Of the limit, for what waits in /dev/shm: no process shows it, so it gets the smaller part. */
const shmShareRatio = 0.4;

/** Room below `shareRatio` of each bound, and of /dev/shm. `stagedBytes`: what waits there of ours. */
export function roomOf(
  bounds: readonly MemoryBound[],
  shm: { totalBytes: number; freeBytes: number } | null,
  shareRatio: number,
  stagedBytes: number,
): Room {
  const under = ({ limitBytes, freeBytes }: MemoryBound): number => freeBytes - (1 - shareRatio) * limitBytes;
  const ofShm = shm === null ? [] : [under({ limitBytes: shm.totalBytes, freeBytes: shm.freeBytes })];
  const ofLimits = bounds.map(({ limitBytes }) => shmShareRatio * limitBytes - stagedBytes);
  return {
    memoryBytes: Math.min(Number.POSITIVE_INFINITY, ...bounds.map(under)),
    shmBytes: Math.min(Number.POSITIVE_INFINITY, ...ofShm, ...ofLimits),
  };
}

/** The size of the file system of a folder; null where it cannot be asked. */
function fileSystemOf(folder: string): { totalBytes: number; freeBytes: number } | null {
  try {
    const { blocks, bavail, bsize } = statfsSync(folder);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    return null;
  }
}

export function readRoom(folder: string, shareRatio: number, stagedBytes: number): Room {
  return roomOf(readMemoryBounds(), fileSystemOf(folder), shareRatio, stagedBytes);
}
