import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { FollowedLog, HostView } from '../../model/target.ts';

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** The kernel cuts no record of its log longer than this (CONSOLE_EXT_LOG_MAX). */
const longestRecordBytes = 8192;
/** A log that is written faster than it is read must not hold up the samples. */
const mostRecordsAtOnce = 4096;

/**
 * null if nothing is left to read. /dev/kmsg gives one record a call, and EPIPE where records were overwritten.
 * That nothing is left comes as an error too, at every tick: taking its stack would cost more than the read.
 */
function nextRecord(descriptor: number, buffer: Buffer): string | null {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const length = readSync(descriptor, buffer, 0, buffer.length, null);
    return length === 0 ? null : buffer.toString('utf8', 0, length);
  } catch (error: unknown) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') {
      return '';
    }
    if (code === 'EAGAIN') {
      return null;
    }
    throw error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function followLog(path: string): FollowedLog {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.allocUnsafe(longestRecordBytes);
  const readNew = (): string => {
    let text = '';
    for (let count = 0; count < mostRecordsAtOnce; count += 1) {
      const record = nextRecord(descriptor, buffer);
      if (record === null) {
        break;
      }
      text += record;
    }
    return text;
  };
  // Node cannot seek to the end of a file, so what is there already is read and let go.
  try {
    for (let before = readNew(); before !== ''; ) {
      before = readNew();
    }
  } catch (error: unknown) {
    closeSync(descriptor);
    throw error;
  }
  return {
    readNew: () => attempt(readNew),
    close: () => {
      closeSync(descriptor);
    },
  };
}

/** The kernel prints these whole at the first read (single_open). */
const oneRecord = /^\/proc\/(\d+\/(task\/\d+\/)?(stat|status|io)|loadavg|meminfo|pressure\/\w+)$/;
/** Rows of at most 190 bytes, as many at a time as a page holds (seq_read). */
const shortRows = /\/net\/tcp6?$|^\/proc\/vmstat$/;
const surelyNotFullBytes = 4096 - 512;

/**
 * What a read gave tells of these files whether it was the last: asking for the end costs as much as a read,
 * and of the socket tables one more walk through the kernel's whole table.
 */
function lastReadBelow(path: string): number {
  if (oneRecord.test(path)) {
    return Number.POSITIVE_INFINITY;
  }
  return shortRows.test(path) ? surelyNotFullBytes : 0;
}

/**
 * This machine. Reads are synchronous and share one buffer: /proc never waits for a disk,
 * and a trip through the thread pool costs several times the read itself.
 */
export function localHostView(): HostView {
  let buffer = Buffer.allocUnsafe(64 * 1024);
  const readOpen = (descriptor: number, lastBelowBytes: number): string => {
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, length);
      length += count;
      if (count === 0 || (count < lastBelowBytes && length < buffer.length)) {
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
      return readOpen(descriptor, lastReadBelow(path));
    } finally {
      closeSync(descriptor);
    }
  };
  const write = (path: string, text: string): void => {
    const descriptor = openSync(path, constants.O_WRONLY);
    try {
      writeSync(descriptor, text);
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
            read: () => attempt(() => readOpen(descriptor, 0)),
            write: (text) => attempt(() => writeSync(descriptor, text)) !== null,
            close: () => {
              closeSync(descriptor);
            },
          };
    },
    write: (path, text) => attempt(() => write(path, text)) !== null,
    follow: (path) => attempt(() => followLog(path)),
  };
}
