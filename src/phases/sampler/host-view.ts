import { closeSync, openSync, readSync } from 'node:fs';
import type { HostView } from '../../model/target.ts';

/**
 * Files that stay true for as long as they are open, and that the kernel prints whole into one read at position 0.
 * A file of a process remains that process's own, so that a reused pid is no danger. smaps_rollup is not among them:
 * an open one holds on to the memory map that its process had then.
 */
const lasting =
  /^\/proc\/(?:\d+\/(?:stat|status)|meminfo|loadavg|pressure\/\w+)$|^\/sys\/fs\/cgroup\/.*\/(?:memory\.\w|(?:cpu|io)\.pressure$)/;
/** Half of the 1024 descriptors that a process has where nobody raised the limit. */
const mostHeld = 512;
/** What nobody has read from one look to the next is let go: its process may have ended. */
const sweepEveryMs = 15_000;

interface HeldFile {
  descriptor: number;
  wasUsed: boolean;
  /** What the last read gave: the first `length` of `bytes`. */
  bytes: Buffer;
  length: number;
  text: string;
}

/** A counter that gains a digit shall not need another buffer. */
const growsByBytes = 64;

/** A text of the same bytes as before is the same string: whoever parsed it need not do so again. */
function textOf(file: HeldFile, buffer: Buffer, length: number): string {
  if (file.length !== length || buffer.compare(file.bytes, 0, length, 0, length) !== 0) {
    if (file.bytes.length < length) {
      file.bytes = Buffer.allocUnsafeSlow(length + growsByBytes);
    }
    buffer.copy(file.bytes, 0, 0, length);
    file.length = length;
    file.text = buffer.toString('utf8', 0, length);
  }
  return file.text;
}

export interface SamplerHostView extends HostView {
  /** Lets go of all that is held open. */
  close(): void;
}

/**
 * The host as the sampler reads it. Opening and closing a file of /proc costs more than reading it, so a file that is
 * read a second time stays open; one that fails, and everything else, is left to `host`.
 */
export function samplerHostView(host: HostView, nowMs: () => number = () => performance.now()): SamplerHostView {
  const buffer = Buffer.allocUnsafe(16 * 1024);
  const held = new Map<string, HeldFile>();
  let readOnce = new Set<string>();
  let sweptMs = nowMs();

  const letGo = (path: string, { descriptor }: HeldFile): void => {
    held.delete(path);
    closeSync(descriptor);
  };

  /** null: its process has ended, its group has gone, or it is longer than the buffer. */
  const readHeld = (path: string, file: HeldFile): string | null => {
    file.wasUsed = true;
    try {
      const length = readSync(file.descriptor, buffer, 0, buffer.length, 0);
      if (length > 0 && length < buffer.length) {
        return textOf(file, buffer, length);
      }
    } catch {
      // The path may stand for another process or group by now: it is opened anew below.
    }
    letGo(path, file);
    return null;
  };

  const hold = (path: string): HeldFile | null => {
    if (!readOnce.has(path) || held.size >= mostHeld) {
      readOnce.add(path);
      return null;
    }
    try {
      const file = { descriptor: openSync(path, 'r'), wasUsed: true, bytes: Buffer.alloc(0), length: 0, text: '' };
      held.set(path, file);
      return file;
    } catch {
      return null;
    }
  };

  const sweep = (): void => {
    readOnce = new Set();
    for (const [path, file] of held) {
      if (!file.wasUsed) {
        letGo(path, file);
      }
      file.wasUsed = false;
    }
  };

  const read = (path: string): string | null => {
    const known = held.get(path);
    if (known !== undefined) {
      return readHeld(path, known) ?? host.read(path);
    }
    // Every tick reads something that is not held, so that asking for the time here is often enough.
    const atMs = nowMs();
    if (atMs - sweptMs >= sweepEveryMs) {
      sweptMs = atMs;
      sweep();
    }
    const file = lasting.test(path) ? hold(path) : null;
    return (file === null ? null : readHeld(path, file)) ?? host.read(path);
  };

  return {
    ...host,
    read,
    close() {
      for (const [path, file] of held) {
        letGo(path, file);
      }
    },
  };
}
