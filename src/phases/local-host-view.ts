import { closeSync, openSync, readdirSync, readlinkSync, readSync, statfsSync, statSync, writeSync } from 'node:fs';
import type { HostView } from '../model/target.ts';

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/**
 * This machine. Reads are synchronous and share one buffer: /proc never waits for a disk,
 * and a trip through the thread pool costs several times the read itself.
 */
export function localHostView(): HostView {
  let buffer = Buffer.allocUnsafe(64 * 1024);
  const readOpen = (descriptor: number): string => {
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, length);
      length += count;
      if (count === 0) {
        return buffer.toString('utf8', 0, length);
      }
      if (length === buffer.length) {
        const larger = Buffer.allocUnsafe(buffer.length * 2);
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
    }
  };
  const read = (path: string): string => {
    const descriptor = openSync(path, 'r');
    try {
      return readOpen(descriptor);
    } finally {
      closeSync(descriptor);
    }
  };
  return {
    read: (path) => attempt(() => read(path)),
    list: (path) => attempt(() => readdirSync(path)) ?? [],
    link: (path) => attempt(() => readlinkSync(path)),
    size: (path) => attempt(() => statSync(path).size),
    fileSystem(path) {
      const stats = attempt(() => statfsSync(path));
      return stats === null
        ? null
        : { sizeBytes: stats.bsize * stats.blocks, usedBytes: stats.bsize * (stats.blocks - stats.bfree) };
    },
    hold(path) {
      const descriptor = attempt(() => openSync(path, 'r+'));
      return descriptor === null
        ? null
        : {
            read: () => attempt(() => readOpen(descriptor)),
            write: (text) => attempt(() => writeSync(descriptor, text)) !== null,
            close: () => {
              closeSync(descriptor);
            },
          };
    },
  };
}
