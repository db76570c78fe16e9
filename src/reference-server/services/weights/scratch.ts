import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Koffi, loadKoffi } from '../../../base/koffi.ts';
import { type ReadText, readTextFile } from '../../memory.ts';
import { touchPages } from '../../pages.ts';
import { collectLater } from './collect-later.ts';

/** Written in one turn of the event loop. */
const sliceBytes = 2 * 1024 ** 2;

// Linux values of <sys/mman.h>; MADV_PAGEOUT is there since Linux 5.4.
const protReadWrite = 0x3;
const mapPrivateAnonymous = 0x22;
const mapFailed = 2n ** 64n - 1n;
const madvPageOut = 21;

/** Memory that a call writes once. */
export interface Scratch {
  /** Writes it, and gives it back or pages it out. */
  use(): Promise<void>;
  keptBytes(): number;
  /** Why what is kept stays resident; null if it is paged out, or nothing is kept. */
  staysResident: string | null;
}

export interface ScratchSettings {
  leakBytes: number;
  freesAfterUse: boolean;
}

interface SystemCalls {
  mmap(address: null, bytes: number, protection: number, flags: number, file: number, offset: number): bigint;
  madvise(address: bigint, bytes: number, advice: number): number;
  memset(address: bigint, value: number, bytes: number): bigint;
}

function bindCalls(koffi: Koffi): SystemCalls {
  const library = koffi.load(null);
  return {
    mmap: library.func('void *mmap(void *address, size_t n, int protection, int flags, int file, int64_t offset)'),
    madvise: library.func('int madvise(void *address, size_t n, int advice)'),
    memset: library.func('void *memset(void *address, int value, size_t n)'),
  };
}

/** False where MADV_PAGEOUT has nowhere to page out to. */
export function hasSwap(read: ReadText = readTextFile): boolean {
  return Number(/^SwapTotal:\s+(\d+)/m.exec(read('/proc/meminfo') ?? '')?.[1] ?? 0) > 0;
}

async function forEachSlice(bytes: number, write: (from: number, to: number) => void): Promise<void> {
  for (let offset = 0; offset < bytes; offset += sliceBytes) {
    write(offset, Math.min(bytes, offset + sliceBytes));
    await nextTurn();
  }
}

function freedAfterUse(bytes: number): Scratch {
  return {
    async use() {
      const buffer = Buffer.allocUnsafeSlow(bytes);
      await forEachSlice(bytes, (from, to) => touchPages(buffer, from, to));
      collectLater(bytes);
    },
    keptBytes: () => 0,
    staysResident: null,
  };
}

function keptResident(bytes: number, why: string): Scratch {
  const kept: Uint8Array[] = [];
  return {
    async use() {
      const buffer = Buffer.allocUnsafeSlow(bytes);
      kept.push(buffer);
      await forEachSlice(bytes, (from, to) => touchPages(buffer, from, to));
    },
    keptBytes: () => kept.length * bytes,
    staysResident: why,
  };
}

/** Leaves RSS as soon as it is written: only RssAnon and VmSwap together show that it is kept. */
function keptPagedOut(bytes: number, calls: SystemCalls): Scratch {
  let keptBytes = 0;
  return {
    async use() {
      const address = calls.mmap(null, bytes, protReadWrite, mapPrivateAnonymous, -1, 0);
      if (address === mapFailed) {
        throw new Error(`no ${bytes} bytes of memory can be mapped`);
      }
      keptBytes += bytes;
      await forEachSlice(bytes, (from, to) => calls.memset(address + BigInt(from), 1, to - from));
      calls.madvise(address, bytes, madvPageOut);
    },
    keptBytes: () => keptBytes,
    staysResident: null,
  };
}

/** null where a call writes nothing of the kind. */
export async function openScratch(
  { leakBytes, freesAfterUse }: ScratchSettings,
  swap: boolean,
): Promise<Scratch | null> {
  if (leakBytes === 0) {
    return null;
  }
  if (freesAfterUse) {
    return freedAfterUse(leakBytes);
  }
  if (!swap) {
    return keptResident(leakBytes, 'this host has no swap');
  }
  const koffi = await loadKoffi();
  return typeof koffi === 'string' ? keptResident(leakBytes, koffi) : keptPagedOut(leakBytes, bindCalls(koffi));
}
