import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openCudaContext } from '../../reference-server/device/cuda.ts';
import { buildFakeDriver, type FakeDriver, whyNoFakeDriver } from '../../testing/fake-driver/build.ts';
import { fakeHost } from '../../testing/fake-host.ts';
import { targetOn } from '../../testing/open-probe.ts';
import type { GpuReading, OpenGpuSource } from './gpu-source.ts';
import { mergeLists, nvmlSource } from './nvml.ts';

const mebibyte = 1024 ** 2;
const instance = 'cuda:GPU-00112233-4455-6677-8899-aabbccddeeff';
const why = await whyNoFakeDriver();

describe.skipIf(why !== null)(`devices by NVML, on a fake driver${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let fake: FakeDriver;

  beforeAll(async () => {
    fake = await buildFakeDriver();
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => fake.remove());

  async function opened(path: string, env: Record<string, string> = {}): Promise<OpenGpuSource> {
    for (const [name, value] of Object.entries({ FAKE_GPU_STATE: fake.env.FAKE_GPU_STATE, NVML_LIB: path, ...env })) {
      vi.stubEnv(name, value);
    }
    const host = fakeHost();
    const source = await nvmlSource.open(targetOn(host), host);
    if (typeof source === 'string') {
      throw new Error(source);
    }
    return source;
  }

  async function read(path: string, env: Record<string, string> = {}) {
    const source = await opened(path, env);
    const result = await source.read(0);
    await source.close();
    return result;
  }

  it('tells totals, how busy it is, and who holds what', async () => {
    const source = await opened(fake.nvmlPath);
    const context = await openCudaContext(fake.cudaPath, () => undefined);
    await context.alloc(28 * mebibyte);
    const expected: GpuReading = {
      instance,
      totalBytes: 1024 * mebibyte,
      usedBytes: 128 * mebibyte,
      freeBytes: (1024 - 64 - 128) * mebibyte,
      reservedBytes: 64 * mebibyte,
      utilizationPercent: 37,
      processes: [{ pid: process.pid, bytes: 128 * mebibyte }],
    };
    await expect(source.read(0)).resolves.toEqual({ readings: [expected], problems: [] });
    context.close();
  });

  it('tells every card by its UUID', async () => {
    const { readings } = await read(fake.nvmlPath, { FAKE_DEVICES: '2' });
    expect(readings.map((reading) => reading.instance)).toEqual([instance, instance.replace(/ff$/, 'fe')]);
  });

  it.each<[string, Record<string, string>, GpuReading['processes']]>([
    ['those that draw count too', { FAKE_GRAPHICS_PID: '42' }, [{ pid: 42, bytes: 32 * mebibyte }]],
    [
      'one that computes and draws counts once',
      { FAKE_GRAPHICS_PID: '1000000', FAKE_OTHER_PROCESSES: '1' },
      [{ pid: 1_000_000, bytes: 32 * mebibyte }],
    ],
    [
      'hidden bytes are null, never all ones',
      { FAKE_OTHER_PROCESSES: '1', FAKE_HIDDEN_BYTES: '1' },
      [{ pid: 1_000_000, bytes: null }],
    ],
  ])('has a list in which %s', async (_why, env, processes) => {
    const { readings } = await read(fake.nvmlPath, env);
    expect(readings[0]?.processes).toEqual(processes);
  });

  it('asks again for a list that is longer than its room', async () => {
    const { readings } = await read(fake.nvmlPath, { FAKE_OTHER_PROCESSES: '500' });
    expect(readings[0]?.processes).toHaveLength(500);
  });

  it('reads the lists of drivers 450 to 510', async () => {
    const { readings, problems } = await read(fake.listsV2NvmlPath, { FAKE_OTHER_PROCESSES: '1' });
    expect([readings[0]?.processes, problems]).toEqual([[{ pid: 1_000_000, bytes: mebibyte }], []]);
  });

  it.each<[string, Record<string, string>, Partial<GpuReading>, string]>([
    [
      'its list may not be seen',
      { FAKE_LIST_CODE: '4' },
      { usedBytes: 0, processes: null },
      'nvmlDeviceGetComputeRunningProcesses_v3: 4 Insufficient Permissions',
    ],
    [
      'a part of a card is not told how busy it is',
      { FAKE_RATES_CODE: '3' },
      { usedBytes: 0, utilizationPercent: null },
      'nvmlDeviceGetUtilizationRates: 3 error of the fake',
    ],
    [
      'the card has fallen off the bus',
      { FAKE_NVML_CODE: '15' },
      { usedBytes: null, totalBytes: null, freeBytes: null, reservedBytes: null },
      'nvmlDeviceGetMemoryInfo: 15 GPU is lost',
    ],
  ])('has null and the reason where %s', async (_why, env, expected, problem) => {
    const { readings, problems } = await read(fake.nvmlPath, env);
    expect([readings[0], problems]).toEqual([expect.objectContaining(expected), [problem]]);
  });

  it('has neither a reserve nor a list where the driver is too old for them, and says so of the list', async () => {
    const { readings, problems } = await read(fake.oldNvmlPath);
    expect(readings[0]).toMatchObject({ usedBytes: 64 * mebibyte, reservedBytes: null, processes: null });
    expect(problems).toEqual(['nvmlDeviceGetComputeRunningProcesses_v2: the driver is too old']);
  });

  it.each([
    ['there is no card', { FAKE_DEVICES: '0' }, 'the driver knows no device'],
    ['there is no library', { NVML_LIB: '/nowhere/libnvidia-ml.so.1' }, 'cannot open /nowhere/libnvidia-ml.so.1'],
  ])('says in one line when %s', async (_why, env, reason) => {
    await expect(opened(fake.nvmlPath, env)).rejects.toThrow(reason);
  });
});

describe('mergeLists', () => {
  it.each([
    [[[{ pid: 1, bytes: null }], [{ pid: 1, bytes: 5 }]], [{ pid: 1, bytes: 5 }], 'one list tells'],
    [[[{ pid: 1, bytes: 5 }], [{ pid: 1, bytes: null }]], [{ pid: 1, bytes: 5 }], 'only the first tells'],
    [[[{ pid: 1, bytes: null }], []], [{ pid: 1, bytes: null }], 'nobody tells'],
    [
      [[{ pid: 1, bytes: 3 }], [{ pid: 2, bytes: 4 }]],
      [
        { pid: 1, bytes: 3 },
        { pid: 2, bytes: 4 },
      ],
      'two processes',
    ],
  ])('of %j is %j (%s)', (lists, expected, _why) => {
    expect(mergeLists(lists)).toEqual(expected);
  });
});
