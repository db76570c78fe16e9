import { readdirSync } from 'node:fs';
import { readTextFile } from '../../memory.ts';

/** Highest count of open descriptors of these processes; null if none could be read. */
export function highestFds(pids: readonly number[]): number | null {
  const counts = pids.flatMap((pid) => {
    try {
      return [readdirSync(`/proc/${pid}/fd`).length];
    } catch {
      // A loader that has just ended, or our own table is full: both are no reading.
      return [];
    }
  });
  return counts.length === 0 ? null : Math.max(...counts);
}

/** The soft limit of open files in a /proc `limits` text; null if there is none. */
export function fdLimitOf(limits: string | null = readTextFile('/proc/self/limits')): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1];
  return soft === undefined ? null : Number(soft);
}
