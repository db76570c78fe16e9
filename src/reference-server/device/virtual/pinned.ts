import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Koffi, loadKoffi } from '../../../base/koffi.ts';
import { touchPages } from '../../pages.ts';
import type { PinnedBlock } from '../device.ts';
import { DeviceError, outOfMemoryCode } from '../device.ts';

/** Written at one go; a worker stays answerable between two. */
const sliceBytes = 16 * 1024 ** 2;

// Linux values of <sys/mman.h>; only Linux is asked.
const protReadWrite = 0x3;
const mapSharedAnonymous = 0x21;
const mapFailed = 2n ** 64n - 1n;

export interface PinnedMemory {
  pin(bytes: number): Promise<PinnedBlock>;
  unpin(id: number): void;
  /** Gives back every block. */
  close(): void;
}

interface Pages {
  why: string | null;
  giveBack(): void;
}

interface SystemCalls {
  mmap(address: null, bytes: number, protection: number, flags: number, file: number, offset: number): bigint;
  mlock(address: bigint, bytes: number): number;
  munmap(address: bigint, bytes: number): number;
  memset(address: bigint, value: number, bytes: number): bigint;
}

function bindCalls(koffi: Koffi): SystemCalls {
  const library = koffi.load(null);
  return {
    mmap: library.func('void *mmap(void *address, size_t n, int protection, int flags, int file, int64_t offset)'),
    mlock: library.func('int mlock(void *address, size_t n)'),
    munmap: library.func('int munmap(void *address, size_t n)'),
    memset: library.func('void *memset(void *address, int value, size_t n)'),
  };
}

/** Shared and locked, as a driver's host memory shows: RssShmem and VmLck, neither RssAnon nor `/dev/shm`. */
async function mapLocked(koffi: Koffi, calls: SystemCalls, bytes: number): Promise<Pages> {
  const address = calls.mmap(null, bytes, protReadWrite, mapSharedAnonymous, -1, 0);
  if (address === mapFailed) {
    throw new DeviceError(outOfMemoryCode, `pinning ${bytes} bytes: out of host memory`);
  }
  for (let offset = 0; offset < bytes; offset += sliceBytes) {
    calls.memset(address + BigInt(offset), 1, Math.min(sliceBytes, bytes - offset));
    await nextTurn();
  }
  const isLocked = calls.mlock(address, bytes) === 0;
  const isOverLimit = koffi.errno() === koffi.os.errno['ENOMEM'] || koffi.errno() === koffi.os.errno['EPERM'];
  const reason = isOverLimit ? 'over RLIMIT_MEMLOCK' : `error ${koffi.errno()}`;
  return {
    why: isLocked ? null : `mlock of ${bytes} bytes refused: ${reason}`,
    giveBack: () => {
      calls.munmap(address, bytes);
    },
  };
}

async function fillBuffer(bytes: number, why: string): Promise<Pages> {
  let buffer: Buffer | null = Buffer.allocUnsafeSlow(bytes);
  for (let offset = 0; offset < bytes; offset += sliceBytes) {
    touchPages(buffer, offset, Math.min(bytes, offset + sliceBytes));
    await nextTurn();
  }
  return {
    why,
    giveBack: () => {
      buffer = null;
    },
  };
}

async function openPages(): Promise<(bytes: number) => Promise<Pages>> {
  const koffi = await loadKoffi();
  if (typeof koffi === 'string') {
    return (bytes) => fillBuffer(bytes, koffi);
  }
  if (process.platform !== 'linux') {
    return (bytes) => fillBuffer(bytes, 'memory is locked on Linux only');
  }
  const calls = bindCalls(koffi);
  return (bytes) => mapLocked(koffi, calls, bytes);
}

/** Host memory as a driver pins it, without a driver. */
export function createPinnedMemory(
  opening: () => Promise<(bytes: number) => Promise<Pages>> = openPages,
): PinnedMemory {
  const blocks = new Map<number, Pages>();
  let take: ((bytes: number) => Promise<Pages>) | null = null;
  let nextId = 1;
  return {
    async pin(bytes) {
      if (!Number.isInteger(bytes) || bytes <= 0) {
        throw new DeviceError(1, `invalid value: ${bytes} bytes cannot be pinned`);
      }
      take ??= await opening();
      const pages = await take(bytes);
      const id = nextId++;
      blocks.set(id, pages);
      return { id, isLocked: pages.why === null, why: pages.why };
    },
    unpin(id) {
      const pages = blocks.get(id);
      if (pages === undefined) {
        throw new DeviceError(1, `invalid value: nothing is pinned as ${id}`);
      }
      blocks.delete(id);
      pages.giveBack();
    },
    close() {
      for (const pages of blocks.values()) {
        pages.giveBack();
      }
      blocks.clear();
    },
  };
}
