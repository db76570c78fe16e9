import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildFakeDriver, type FakeDriver, whyNoFakeDriver } from '../../../testing/fake-driver/build.ts';
import { openCudaContext } from '../cuda.ts';
import { openNvml } from './open-driver.ts';

const mebibyte = 1024 ** 2;
const fakeUuid = '00112233-4455-6677-8899-aabbccddeeff';
const why = await whyNoFakeDriver();

describe.skipIf(why !== null)(`NVML by koffi, on a fake driver${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let fake: FakeDriver;

  beforeAll(async () => {
    fake = await buildFakeDriver();
    // The fake of a process without this file would count for each library alone.
    vi.stubEnv('FAKE_GPU_STATE', fake.env.FAKE_GPU_STATE);
  });
  afterEach(() => {
    for (const name of ['FAKE_HIDDEN_BYTES', 'FAKE_OTHER_PROCESSES', 'FAKE_NVML_CODE']) {
      vi.stubEnv(name, '0');
    }
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    fake.remove();
  });

  it('reads the device without a context on it', async () => {
    const { nvml } = await openNvml([fake.nvmlPath]);
    expect(nvml.read(nvml.device(fakeUuid))).toEqual({
      totalBytes: 1024 * mebibyte,
      usedBytes: 64 * mebibyte,
      freeBytes: 960 * mebibyte,
      reservedBytes: 64 * mebibyte,
      processes: [],
    });
    expect(nvml.driverVersion()).toBe('570.00');
  });

  it('tells who holds what', async () => {
    const context = await openCudaContext(fake.cudaPath, () => undefined);
    await context.alloc(28 * mebibyte);
    const { nvml } = await openNvml([fake.nvmlPath]);
    expect(nvml.read(nvml.device(fakeUuid))).toMatchObject({
      usedBytes: (64 + 100 + 28) * mebibyte,
      processes: [{ pid: process.pid, label: null, bytes: 128 * mebibyte }],
    });
    context.close();
  });

  it('has null for bytes that the driver hides, as inside containers', async () => {
    vi.stubEnv('FAKE_HIDDEN_BYTES', '1');
    vi.stubEnv('FAKE_OTHER_PROCESSES', '1');
    const { nvml } = await openNvml([fake.nvmlPath]);
    expect(nvml.read(nvml.device(fakeUuid)).processes).toEqual([{ pid: 1_000_000, label: null, bytes: null }]);
  });

  it('reads a list that is longer than it had room for', async () => {
    vi.stubEnv('FAKE_OTHER_PROCESSES', '200');
    const { nvml } = await openNvml([fake.nvmlPath]);
    const { processes } = nvml.read(nvml.device(fakeUuid));
    expect(processes).toHaveLength(200);
    expect(processes.at(-1)).toEqual({ pid: 1_000_199, label: null, bytes: mebibyte });
  });

  it('takes the older call where the younger ones are not there', async () => {
    const { nvml } = await openNvml([fake.oldNvmlPath]);
    expect(nvml.read(nvml.device(fakeUuid))).toEqual({
      totalBytes: 1024 * mebibyte,
      usedBytes: 64 * mebibyte,
      freeBytes: 960 * mebibyte,
      reservedBytes: null,
      processes: [],
    });
  });

  it('finds the first device when the UUID is of no device that it knows', async () => {
    const { nvml } = await openNvml([fake.nvmlPath]);
    expect(nvml.read(nvml.device('ffffffff')).totalBytes).toBe(1024 * mebibyte);
  });

  it('throws in words when the device cannot be read', async () => {
    const { nvml } = await openNvml([fake.nvmlPath]);
    const device = nvml.device(fakeUuid);
    vi.stubEnv('FAKE_NVML_CODE', '15');
    expect(() => nvml.read(device)).toThrow('nvmlDeviceGetMemoryInfo: 15 GPU is lost');
  });
});
