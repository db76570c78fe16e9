import { describe, expect, it } from 'vitest';
import type { CudaCheck } from './cuda/open-driver.ts';
import type { DeviceHost } from './device.ts';
import { type DeviceParts, type DeviceSetup, openDevice } from './open-device.ts';

const mebibyte = 1024 ** 2;
const gone: CudaCheck = { isUsable: false, why: 'cuInit: 100 no CUDA device' };
const found: CudaCheck = {
  isUsable: true,
  why: 'Some GPU, driver 570.00',
  libraryPath: 'libcuda.so.1',
  nvmlPath: 'libnvidia-ml.so.1',
  uuid: '00112233-4455-6677-8899-aabbccddeeff',
  contextBytes: 500 * mebibyte,
};

function hostOf(kind: DeviceHost['kind'], why: string, contextBytes: number): DeviceHost {
  return {
    kind,
    why,
    access: { kind: 'cuda', libraryPath: '' },
    contextBytes,
    totals: () => null,
    refresh: async () => undefined,
    stop: async () => undefined,
  };
}

function partsOf(check: CudaCheck): DeviceParts & { checks: number; vramBytes: number[] } {
  return {
    checks: 0,
    vramBytes: [],
    async check() {
      this.checks += 1;
      return check;
    },
    startCuda: async ({ why, contextBytes }) => hostOf('cuda', why, contextBytes),
    async startVirtual(_socketPath, { vramBytes, contextBytes, why }) {
      this.vramBytes.push(vramBytes);
      return hostOf('virtual', why, contextBytes);
    },
  };
}

function setup(values: Partial<DeviceSetup>): DeviceSetup {
  return {
    choice: 'auto',
    vramBytes: null,
    contextBytes: 100 * mebibyte,
    teardownMs: 0,
    socketPath: '/nowhere/s',
    ...values,
  };
}

const noLoss = (): void => undefined;

describe('openDevice', () => {
  const rows: readonly [values: Partial<DeviceSetup>, check: CudaCheck, kind: string, why: string, mib: number][] = [
    [{ choice: 'auto' }, found, 'cuda', 'Some GPU, driver 570.00', 500],
    [{ choice: 'cuda' }, found, 'cuda', 'Some GPU, driver 570.00', 500],
    [{ choice: 'auto' }, gone, 'virtual', 'cuInit: 100 no CUDA device', 100],
    [{ choice: 'virtual' }, found, 'virtual', 'the virtual device was asked for', 100],
    [{ choice: 'auto', vramBytes: 1 }, found, 'virtual', '--vram sizes a virtual device', 100],
  ];
  it.each(rows)('for %j, where the check says %j, takes %s, since: %s', async (values, check, kind, why, mib) => {
    const host = await openDevice(setup(values), noLoss, partsOf(check));
    expect([host.kind, host.why, host.contextBytes / mebibyte]).toEqual([kind, why, mib]);
  });

  it.each([
    [{ choice: 'virtual' }, 0, 16 * 1024 * mebibyte],
    [{ choice: 'auto', vramBytes: 5 }, 0, 5],
    [{ choice: 'auto' }, 1, 16 * 1024 * mebibyte],
  ] as const)('for %j looks for a driver %i times and takes a card of %i bytes', async (values, checks, vramBytes) => {
    const parts = partsOf(gone);
    await openDevice(setup(values), noLoss, parts);
    expect([parts.checks, ...parts.vramBytes]).toEqual([checks, vramBytes]);
  });

  it('refuses in one line when the device asked for is not there', async () => {
    await expect(openDevice(setup({ choice: 'cuda' }), noLoss, partsOf(gone))).rejects.toMatchObject({
      exitCode: 5,
      message: 'There is no CUDA device to use: cuInit: 100 no CUDA device.',
      hint: 'Take --device virtual, or --device auto, which falls back to it.',
    });
  });
});
