import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildFakeDriver, type FakeDriver, whyNoFakeDriver } from '../../testing/fake-driver/build.ts';
import { createCpuKernels } from '../kernels/cpu.ts';
import { openDriver, openNvml } from './cuda/open-driver.ts';
import type { DeviceContext } from './device.ts';
import { startBroker } from './ledger.ts';
import { openContext } from './open-context.ts';

const mebibyte = 1024 ** 2;
const why = await whyNoFakeDriver();
const never = new AbortController().signal;

describe.skipIf(why !== null)(`CUDA by koffi, on a fake driver${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let fake: FakeDriver;
  let context: DeviceContext;
  const open = (onLost: () => void = () => undefined): Promise<DeviceContext> =>
    openContext({ kind: 'cuda', libraryPath: fake.cudaPath }, 'hot', onLost);

  beforeAll(async () => {
    fake = await buildFakeDriver();
    vi.stubEnv('FAKE_GPU_STATE', fake.env.FAKE_GPU_STATE);
  });
  afterEach(() => context.close());
  afterAll(() => {
    vi.unstubAllEnvs();
    fake.remove();
  });

  it('holds device memory in pages, and gives back what it frees', async () => {
    context = await open();
    const before = await context.totals();
    const id = await context.alloc(100 * mebibyte + 1);
    expect((await context.totals()).usedBytes - before.usedBytes).toBe(102 * mebibyte);
    await context.free(id);
    expect(await context.totals()).toEqual(before);
  });

  it('raises the code of the driver when the device is full, and goes on', async () => {
    context = await open();
    await expect(context.alloc(1000 * mebibyte)).rejects.toMatchObject({
      deviceCode: 2,
      message: 'allocation of 1048576000 bytes: 2 out of device memory',
    });
    await expect(context.alloc(mebibyte)).resolves.toEqual(expect.any(Number));
  });

  it('takes sizes above 4 GiB whole', async () => {
    context = await open();
    await expect(context.alloc(200 * 1024 * mebibyte)).rejects.toMatchObject({ deviceCode: 2 });
  });

  it('frees nothing twice', async () => {
    context = await open();
    const id = await context.alloc(mebibyte);
    await context.free(id);
    await expect(context.free(id)).rejects.toMatchObject({ deviceCode: 1 });
  });

  it('gives everything back when it is closed', async () => {
    context = await open();
    await context.alloc(300 * mebibyte);
    context.close();
    const { nvml } = await openNvml([fake.nvmlPath]);
    expect(nvml.read(nvml.device('')).usedBytes).toBe(64 * mebibyte);
  });

  it('pins host memory that can be seen and given back', async () => {
    context = await open();
    const block = await context.pin(8 * mebibyte);
    expect(block).toMatchObject({ isLocked: true, why: null });
    await context.unpin(block.id);
    await expect(context.unpin(block.id)).rejects.toMatchObject({ deviceCode: 1 });
  });

  it('occupies the device for the time asked, and stays answerable', async () => {
    context = await open();
    const startedMs = performance.now();
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 10);
    await context.run(120, never);
    clearInterval(ticking);
    expect(performance.now() - startedMs).toBeGreaterThan(119);
    expect(ticks).toBeGreaterThan(4);
  });

  it.each([
    ['queued', ['long', 'short']],
    ['side-by-side', ['short', 'long']],
  ] as const)('runs %s kernels to the end in the order %j', async (order, expected) => {
    context = await open();
    const ended: string[] = [];
    await Promise.all([
      context.run(150, never, order).then(() => ended.push('long')),
      context.run(1, never, order).then(() => ended.push('short')),
    ]);
    expect(ended).toEqual(expected);
  });

  it.each(['queued', 'side-by-side'] as const)('ends a %s kernel early when it is aborted', async (order) => {
    context = await open();
    const abort = new AbortController();
    const runs = [context.run(60_000, abort.signal, order), context.run(60_000, abort.signal, order)];
    setImmediate(() => abort.abort());
    const ends = await Promise.allSettled(runs);
    expect(ends.map((end) => end.status === 'rejected' && (end.reason as Error).name)).toEqual([
      'AbortError',
      'AbortError',
    ]);
    await expect(context.run(1, never, order)).resolves.toBeUndefined();
  });

  it('computes the same log-mel as the processor', async () => {
    context = await open();
    const samples = Float32Array.from({ length: 4000 }, (_, index) => Math.sin(index * 0.3) + Math.sin(index * index));
    const [onDevice, onProcessor] = await Promise.all([
      context.kernels.logMel(samples),
      createCpuKernels().logMel(samples),
    ]);
    expect(onDevice).toHaveLength(23 * 80);
    expect(Math.max(...onDevice.map((value, index) => Math.abs(value - (onProcessor[index] ?? 0))))).toBeLessThan(1e-3);
    await expect(context.kernels.logMel(new Float32Array(10))).resolves.toHaveLength(0);
  });

  it.each([1, 16, 33])('multiplies matrices of %i rows like the processor', async (size) => {
    context = await open();
    const values = (seed: number): Float32Array =>
      Float32Array.from({ length: size * size }, (_, index) => ((index * seed) % 17) - 8);
    const onDevice = await context.kernels.matmul(values(3), values(5), size);
    expect(onDevice).toEqual(await createCpuKernels().matmul(values(3), values(5), size));
  });

  it('normalises pixels like the processor', async () => {
    context = await open();
    const pixels = Uint8Array.from({ length: 3 * 37 * 11 }, (_, index) => (index * 7) % 256);
    expect(await context.kernels.normalise(pixels, 37, 11)).toEqual(await createCpuKernels().normalise(pixels, 37, 11));
  });

  it('leaves no device memory behind after its kernels', async () => {
    context = await open();
    await context.kernels.logMel(new Float32Array(1000));
    const before = await context.totals();
    await context.kernels.logMel(new Float32Array(5000));
    await context.kernels.matmul(new Float32Array(4), new Float32Array(4), 2);
    await expect(context.kernels.matmul(new Float32Array(4), new Float32Array(3), 2)).rejects.toThrow('2 x 2');
    expect(await context.totals()).toEqual(before);
  });

  it.each([
    ['FAKE_INIT_CODE', '100', 'cuInit: 100 no CUDA device'],
    ['FAKE_INIT_CODE', '802', 'cuInit: 802 system not ready (fabric manager)'],
    ['FAKE_INIT_CODE', '4711', 'cuInit: 4711 see CUresult in cuda.h'],
    ['FAKE_PTX_CODE', '222', 'cuModuleLoadData: 222 PTX newer than the driver'],
  ])('says in words what the driver answers (%s=%s)', async (name, code, message) => {
    vi.stubEnv(name, code);
    try {
      await expect(open()).rejects.toThrow(message);
    } finally {
      vi.stubEnv(name, '0');
    }
  });

  it('refuses work on a thread without the context, as the driver does', async () => {
    const { driver } = await openDriver([fake.cudaPath]);
    driver.setCurrent(0n);
    expect(() => driver.alloc(1)).toThrow('201 no current context on this thread');
    expect(() => driver.memory()).toThrow('201');
    expect(() => driver.loadModule('')).toThrow('201');
  });
});

type Step = (context: DeviceContext) => Promise<unknown>;

const workload: readonly Step[] = [
  (context) => context.alloc(200 * mebibyte),
  (context) => context.alloc(1),
  (context) => context.alloc(300 * mebibyte),
  (context) => context.free(2),
  (context) => context.alloc(500 * mebibyte),
  (context) => context.alloc(100 * mebibyte),
];

/** Used MiB after each step, or the code that the step raised. */
async function curveOf(context: DeviceContext): Promise<string[]> {
  const ids = new Map<number, number>();
  const numbered: DeviceContext = {
    ...context,
    alloc: async (bytes) => {
      const id = await context.alloc(bytes);
      ids.set(ids.size + 1, id);
      return id;
    },
    free: (id) => context.free(ids.get(id) ?? 0),
  };
  const curve: string[] = [];
  for (const step of [async () => undefined, ...workload]) {
    const code = await step(numbered).then(
      () => null,
      (error: { deviceCode: number }) => error.deviceCode,
    );
    curve.push(code === null ? `${(await context.totals()).usedBytes / mebibyte}` : `code ${code}`);
  }
  context.close();
  return curve;
}

describe.skipIf(why !== null)(`one workload${why === null ? '' : ` (skipped: ${why})`}`, () => {
  it('draws the same VRAM curve through CUDA and through the ledger, out of memory included', async () => {
    const fake = await buildFakeDriver();
    const folder = mkdtempSync(join(tmpdir(), 'curve-'));
    const stop = await startBroker(join(folder, 's'), 1024 * mebibyte);
    const virtual = await openContext(
      { kind: 'virtual', socketPath: join(folder, 's'), contextBytes: 100 * mebibyte },
      'hot',
      () => undefined,
    );
    const cuda = await openContext({ kind: 'cuda', libraryPath: fake.cudaPath }, 'hot', () => undefined);
    const curve = await curveOf(virtual);
    expect(await curveOf(cuda)).toEqual(curve);
    expect(curve).toEqual(['164', '364', '366', '666', '664', 'code 2', '764']);
    stop();
    fake.remove();
    rmSync(folder, { recursive: true });
  });
});
