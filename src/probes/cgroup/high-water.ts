import type { HostView } from '../../model/target.ts';
import type { Group } from './find-group.ts';
import { parseNumber } from './readings.ts';

/** The kernel's high-water mark of one group. */
export interface HighWater {
  /** Since the last call where the kernel lets it be reset (`peak_bytes`), else of the group's life. */
  read(): { sinceLast: number | null; lifetime: number | null; isReset: boolean };
  close(): void;
}

/**
 * v2 resets memory.peak for the open file that was written to (Linux 6.12), so one file is held;
 * v1 resets max_usage_in_bytes for all. In a group that we share, the mark is left alone: somebody
 * else may rely on its lifetime value.
 */
export function openHighWater(host: HostView, group: Group): HighWater {
  const file = group.files.peakFile;
  const held = group.isOurs ? null : host.hold(file);
  let firstLifetime = parseNumber(host.read(file));
  let canReset = held?.write('0') ?? false;
  return {
    read() {
      if (held === null || !canReset) {
        return { sinceLast: null, lifetime: parseNumber(host.read(file)), isReset: false };
      }
      const sinceLast = parseNumber(held.read());
      canReset = held.write('0');
      const lifetime = firstLifetime;
      firstLifetime = null;
      return { sinceLast, lifetime, isReset: true };
    },
    close() {
      held?.close();
    },
  };
}
