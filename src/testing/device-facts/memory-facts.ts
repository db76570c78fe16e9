import { loadKoffi } from '../../base/koffi.ts';
import { bindCalls, cudaPaths, type NativeCall, openFirst, outValue } from '../../base/native-library.ts';
import { DeviceError } from '../../reference-server/device/device.ts';
import { touchPages } from '../../reference-server/pages.ts';
import { type Fact, type FactBench, hostMib, inMib, mebibyte, timed, usedMib } from './bench.ts';

function granularity(bench: FactBench): Fact {
  const beforeMib = usedMib(bench);
  const address = bench.driver.alloc(1);
  const takenMib = usedMib(bench) - beforeMib;
  bench.driver.free(address);
  return { fact: 'granularity', oneByteTakesMib: takenMib, backMib: beforeMib + takenMib - usedMib(bench) };
}

function allocation(bench: FactBench, sizeMib: number): Fact {
  const beforeMib = usedMib(bench);
  const taken = timed(() => bench.driver.alloc(sizeMib * mebibyte));
  const heldMib = usedMib(bench) - beforeMib;
  const freed = timed(() => bench.driver.free(taken.value));
  return {
    fact: 'allocation',
    sizeMib,
    allocMs: taken.ms,
    freeMs: freed.ms,
    heldMib,
    leftMib: usedMib(bench) - beforeMib,
  };
}

async function pinned({ driver, sizes }: FactBench): Promise<Fact> {
  const koffi = await loadKoffi();
  if (typeof koffi === 'string') {
    throw new Error(koffi);
  }
  const bytes = sizes.pinnedMib * mebibyte;
  const before = hostMib();
  const taken = timed(() => driver.hostAlloc(bytes));
  const held = hostMib();
  const touched = timed(() => touchPages(new Uint8Array(koffi.view(taken.value, bytes))));
  const afterTouch = hostMib();
  const freed = timed(() => driver.hostFree(taken.value));
  return {
    fact: 'pinned',
    sizeMib: sizes.pinnedMib,
    allocMs: taken.ms,
    touchMs: touched.ms,
    freeMs: freed.ms,
    before,
    held,
    afterTouch,
    afterFree: hostMib(),
  };
}

/** Takes what there is, in ever smaller pieces, until nothing is given. */
function outOfMemory(bench: FactBench): Fact {
  const held: bigint[] = [];
  let code: number | null = null;
  for (let bytes = 1024 * mebibyte; bytes >= 2 * mebibyte; ) {
    try {
      held.push(bench.driver.alloc(bytes));
    } catch (error) {
      code = error instanceof DeviceError ? error.deviceCode : null;
      bytes = Math.floor(bytes / 2);
    }
  }
  const { freeBytes } = bench.driver.memory();
  for (const address of held) {
    bench.driver.free(address);
  }
  return {
    fact: 'out-of-memory',
    code,
    freeMib: inMib(freeBytes),
    freeAfterMib: inMib(bench.driver.memory().freeBytes),
  };
}

const poolDeclarations = {
  cuMemAllocAsync: 'int cuMemAllocAsync(_Out_ uint64_t *address, size_t bytes, void *stream)',
  cuMemFreeAsync: 'int cuMemFreeAsync(uint64_t address, void *stream)',
  cuStreamSynchronize: 'int cuStreamSynchronize(void *stream)',
  cuDeviceGetDefaultMemPool: 'int cuDeviceGetDefaultMemPool(_Out_ void **pool, int device)',
  cuMemPoolGetAttribute: 'int cuMemPoolGetAttribute(void *pool, int attribute, _Out_ uint64_t *value)',
  cuMemPoolSetAttribute: 'int cuMemPoolSetAttribute(void *pool, int attribute, uint64_t *value)',
  cuMemPoolTrimTo: 'int cuMemPoolTrimTo(void *pool, size_t keep)',
};

type PoolCalls = Record<keyof typeof poolDeclarations, NativeCall>;

// CUmemPool_attribute of cuda.h.
const releaseThreshold = 4;
const reservedNow = 5;
const usedNow = 7;
const keepEverything = 2n ** 64n - 1n;

function succeed(code: unknown): void {
  if (code !== 0) {
    throw new Error(`the driver answered ${String(code)}`);
  }
}

/** What the pool keeps of freed memory, by its threshold, and after a trim. */
async function pool(bench: FactBench): Promise<Fact> {
  const koffi = await loadKoffi();
  const opened = typeof koffi === 'string' ? null : openFirst(koffi, cudaPaths(process.env));
  if (opened === null) {
    throw new Error('the driver is gone');
  }
  const calls: PoolCalls = bindCalls(opened.library, poolDeclarations);
  const handle = outValue();
  succeed(calls.cuDeviceGetDefaultMemPool(handle.slot, 0));
  const attribute = (which: number): number => {
    const value = outValue();
    succeed(calls.cuMemPoolGetAttribute(handle.bigint(), which, value.slot));
    return inMib(value.number());
  };
  const state = (): Record<string, number> => ({
    reservedMib: attribute(reservedNow),
    usedMib: attribute(usedNow),
    deviceUsedMib: usedMib(bench),
  });
  const afterUse = (thresholdBytes: bigint): Record<string, number> => {
    succeed(calls.cuMemPoolSetAttribute(handle.bigint(), releaseThreshold, [thresholdBytes]));
    const address = outValue();
    succeed(calls.cuMemAllocAsync(address.slot, bench.sizes.pinnedMib * mebibyte, bench.stream));
    succeed(calls.cuMemFreeAsync(address.bigint(), bench.stream));
    succeed(calls.cuStreamSynchronize(bench.stream));
    return state();
  };
  const before = state();
  const thresholdZero = afterUse(0n);
  const thresholdAll = afterUse(keepEverything);
  succeed(calls.cuMemPoolTrimTo(handle.bigint(), 0));
  return { fact: 'pool', sizeMib: bench.sizes.pinnedMib, before, thresholdZero, thresholdAll, trimmed: state() };
}

/** How device and pinned memory come and go. */
export const memoryFacts: readonly [name: string, measure: (bench: FactBench) => Fact | Promise<Fact>][] = [
  ['granularity', granularity],
  ['pinned', pinned],
  ['pool', pool],
  ['out-of-memory', outOfMemory],
];

export function allocationFacts(bench: FactBench): Fact[] {
  return bench.sizes.allocationsMib.map((sizeMib) => allocation(bench, sizeMib));
}
