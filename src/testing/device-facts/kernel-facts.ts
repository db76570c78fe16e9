import { loadKoffi } from '../../base/koffi.ts';
import { CudaKernels, finished } from '../../reference-server/device/cuda/kernels.ts';
import { createCpuKernels } from '../../reference-server/kernels/cpu.ts';
import { type Fact, type FactBench, mebibyte, rounded, timed } from './bench.ts';

const spinsMs = [1, 10, 100];
const imageSide = 512;

function largestDifference(left: Float32Array, right: Float32Array): number {
  return left.reduce((most, value, index) => Math.max(most, Math.abs(value - (right[index] ?? Number.NaN))), 0);
}

async function compared(
  name: string,
  onDevice: () => Promise<Float32Array>,
  onProcessor: () => Promise<Float32Array>,
): Promise<Fact> {
  const startedMs = performance.now();
  const device = await onDevice();
  const deviceMs = rounded(performance.now() - startedMs);
  const processor = await onProcessor();
  const processorMs = rounded(performance.now() - startedMs - deviceMs);
  return {
    fact: 'kernel',
    name,
    values: device.length,
    deviceMs,
    processorMs,
    largestDifference: largestDifference(device, processor),
  };
}

async function spin(bench: FactBench, kernels: CudaKernels, askedMs: number): Promise<Fact> {
  const startedMs = performance.now();
  const shape = { grid: { x: 1, y: 1 }, block: { x: 1, y: 1 } };
  kernels.launch('spin', shape, [{ type: 'uint64_t', value: BigInt(askedMs * 1e6) }], bench.stream);
  await finished(bench.driver, bench.stream);
  return { fact: 'spin', askedMs, tookMs: rounded(performance.now() - startedMs) };
}

/** Between the device and host memory, pinned and not. */
async function copies({ driver, stream, sizes }: FactBench): Promise<Fact> {
  const koffi = await loadKoffi();
  if (typeof koffi === 'string') {
    throw new Error(koffi);
  }
  const bytes = sizes.copiedMib * mebibyte;
  const device = driver.alloc(bytes);
  const address = driver.hostAlloc(bytes);
  const rates = async (host: Uint8Array): Promise<Record<string, number>> => {
    const startedMs = performance.now();
    driver.copyIn(device, host, stream);
    await finished(driver, stream);
    const inMs = performance.now() - startedMs;
    const out = timed(() => driver.copyOut(host, device, stream));
    await finished(driver, stream);
    const outMs = performance.now() - startedMs - inMs;
    return {
      inGbPerSecond: rounded(bytes / inMs / 1e6),
      outGbPerSecond: rounded(bytes / Math.max(outMs, out.ms) / 1e6),
    };
  };
  const pinned = await rates(new Uint8Array(koffi.view(address, bytes)));
  const pageable = await rates(new Uint8Array(bytes).fill(1));
  driver.hostFree(address);
  driver.free(device);
  return { fact: 'copies', sizeMib: sizes.copiedMib, pinned, pageable };
}

/** What the kernels compute and how long they take. */
export async function* kernelFacts(bench: FactBench): AsyncGenerator<Fact> {
  const first = timed(() => new CudaKernels(bench.driver));
  const again = timed(() => new CudaKernels(bench.driver));
  yield { fact: 'module', firstLoadMs: first.ms, secondLoadMs: again.ms };
  const onDevice = first.value;
  const onProcessor = createCpuKernels();
  const samples = Float32Array.from({ length: 16_000 }, (_, index) => Math.sin(index * 0.2) + Math.sin(index * index));
  yield await compared(
    'logMel',
    () => onDevice.logMel(samples),
    () => onProcessor.logMel(samples),
  );
  const { matrixSize } = bench.sizes;
  const matrix = Float32Array.from({ length: matrixSize ** 2 }, (_, index) => ((index * 7) % 19) - 9);
  yield await compared(
    'matmul',
    () => onDevice.matmul(matrix, matrix, matrixSize),
    () => onProcessor.matmul(matrix, matrix, matrixSize),
  );
  const pixels = Uint8Array.from({ length: 3 * imageSide ** 2 }, (_, index) => (index * 5) % 256);
  yield await compared(
    'normalise',
    () => onDevice.normalise(pixels, imageSide, imageSide),
    () => onProcessor.normalise(pixels, imageSide, imageSide),
  );
  for (const askedMs of spinsMs) {
    yield await spin(bench, onDevice, askedMs);
  }
  yield await copies(bench);
}
