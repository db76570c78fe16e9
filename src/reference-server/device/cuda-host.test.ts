import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildFakeDriver, type FakeDriver, whyNoFakeDriver } from '../../testing/fake-driver/build.ts';
import { openCudaContext } from './cuda.ts';
import { startCudaHost } from './cuda-host.ts';
import type { DeviceHost } from './device.ts';

const mebibyte = 1024 ** 2;
const why = await whyNoFakeDriver();

describe.skipIf(why !== null)(`the front's view of a real device${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let fake: FakeDriver;
  const lost: string[] = [];
  const start = (): Promise<DeviceHost> =>
    startCudaHost(
      {
        isUsable: true,
        why: 'Fake GPU, driver 570.00',
        libraryPath: fake.cudaPath,
        nvmlPath: fake.nvmlPath,
        uuid: '00112233-4455-6677-8899-aabbccddeeff',
        contextBytes: 90 * mebibyte,
      },
      (how) => lost.push(how),
    );

  beforeAll(async () => {
    fake = await buildFakeDriver();
    vi.stubEnv('FAKE_GPU_STATE', fake.env.FAKE_GPU_STATE);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    fake.remove();
  });

  it('reads it without a context, and passes on how children reach it', async () => {
    const host = await start();
    expect(host).toMatchObject({
      kind: 'cuda',
      why: 'Fake GPU, driver 570.00',
      access: { kind: 'cuda', libraryPath: fake.cudaPath },
      contextBytes: 90 * mebibyte,
    });
    expect(host.totals()).toMatchObject({ usedBytes: 64 * mebibyte, processes: [] });
  });

  it('follows what is taken, at each refresh', async () => {
    const host = await start();
    const context = await openCudaContext(fake.cudaPath, () => undefined);
    expect(host.totals()?.usedBytes).toBe(64 * mebibyte);
    await host.refresh();
    expect(host.totals()?.usedBytes).toBe(164 * mebibyte);
    context.close();
  });

  it('tells once that the device is lost, and has no reading then', async () => {
    const host = await start();
    vi.stubEnv('FAKE_NVML_CODE', '15');
    await host.refresh();
    await host.refresh();
    expect(host.totals()).toBeNull();
    expect(lost).toEqual(['nvmlDeviceGetMemoryInfo: 15 GPU is lost']);
    vi.stubEnv('FAKE_NVML_CODE', '0');
    await host.refresh();
    expect(host.totals()?.totalBytes).toBe(1024 * mebibyte);
  });
});
