import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cudaPaths, nvmlPaths } from '../../../base/native-library.ts';
import { buildFakeDriver, type FakeDriver, whyNoFakeDriver } from '../../../testing/fake-driver/build.ts';
import { checkCuda, whyNoDriver } from './open-driver.ts';

const mebibyte = 1024 ** 2;
const why = await whyNoFakeDriver();

describe('where the driver is looked for', () => {
  it('is the loader first, then where containers and WSL put it, and never a stub', () => {
    expect(cudaPaths({})).toEqual([
      'libcuda.so.1',
      '/usr/local/nvidia/lib64/libcuda.so.1',
      '/usr/lib/x86_64-linux-gnu/libcuda.so.1',
      '/usr/lib/wsl/lib/libcuda.so.1',
    ]);
  });

  it.each([
    [cudaPaths({ CUDA_LIB: '/a' }), ['/a'], 'the one that is named'],
    [nvmlPaths({ NVML_LIB: '/b' }), ['/b'], 'the one that is named'],
    [cudaPaths({ CUDA_LIB: '' }), cudaPaths({}), 'nothing is named'],
  ])('is %j (%#: %s)', (paths, expected) => {
    expect(paths).toEqual(expected);
  });
});

describe.skipIf(why !== null)(`the check for a device${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let fake: FakeDriver;

  beforeAll(async () => {
    fake = await buildFakeDriver();
    vi.stubEnv('FAKE_GPU_STATE', fake.env.FAKE_GPU_STATE);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    fake.remove();
  });

  it('finds the device, names it and weighs a context on it', async () => {
    await expect(checkCuda(fake.env)).resolves.toEqual({
      isUsable: true,
      why: 'Fake GPU, driver 570.00',
      libraryPath: fake.cudaPath,
      nvmlPath: fake.nvmlPath,
      uuid: '00112233-4455-6677-8899-aabbccddeeff',
      contextBytes: 100 * mebibyte,
    });
  });

  it.each([
    [{ CUDA_LIB: '/nowhere/libcuda.so.1' }, {}, 'cannot open /nowhere/libcuda.so.1'],
    [{ NVML_LIB: '/nowhere/nvml.so' }, {}, 'cannot open /nowhere/nvml.so'],
    [{}, { FAKE_INIT_CODE: '100' }, 'cuInit: 100 no CUDA device'],
    [{}, { FAKE_INIT_CODE: '34' }, 'cuInit: 34 stub library, no driver installed'],
    [{}, { FAKE_PTX_CODE: '218' }, 'cuModuleLoadData: 218 the PTX text does not compile'],
  ])('says why there is none to use (%j %j)', async (paths, faults, expected) => {
    for (const [name, code] of Object.entries(faults)) {
      vi.stubEnv(name, code);
    }
    await expect(checkCuda({ ...fake.env, ...paths })).resolves.toEqual({ isUsable: false, why: expected });
    for (const name of Object.keys(faults)) {
      vi.stubEnv(name, '0');
    }
  });

  it('needs no child to see that there is no library', async () => {
    await expect(whyNoDriver({ CUDA_LIB: '/nowhere/libcuda.so.1' })).resolves.toBe('cannot open /nowhere/libcuda.so.1');
    await expect(whyNoDriver(fake.env)).resolves.toBeNull();
  });
});
