import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../../model/target.ts';
import { addProcess, type FakeHost, fakeHost } from '../../testing/fake-host.ts';
import { targetOn } from '../../testing/open-probe.ts';
import { amdSource } from './amd.ts';
import { parseDrmClient } from './drm-clients.ts';
import type { GpuSource, OpenGpuSource } from './gpu-source.ts';
import { intelSource } from './intel.ts';

const mebibyte = 1024 ** 2;
const amdPci = '0000:03:00.0';
const intelPci = '0000:4d:00.0';

/** What the drivers print (Documentation/gpu/drm-usage-stats.rst). */
const amdInfo = (clientId: number, kibibytes: number): string =>
  `pos:\t0\nflags:\t02100002\nmnt_id:\t24\ndrm-driver:\tamdgpu\ndrm-client-id:\t${clientId}\ndrm-pdev:\t${amdPci}\npasid:\t32771\ndrm-memory-vram:\t${kibibytes} KiB\ndrm-memory-gtt: \t8 KiB\n`;
const xeInfo = (clientId: number, kibibytes: number): string =>
  `pos:\t0\ndrm-driver:\txe\ndrm-client-id:\t${clientId}\ndrm-pdev:\t${intelPci}\ndrm-total-vram0:\t999999 KiB\ndrm-resident-vram0:\t${kibibytes} KiB\n`;

function addCard(host: FakeHost, name: string, vendor: string, pci: string): string {
  const folder = `/sys/class/drm/${name}/device`;
  host.files.set(`${folder}/vendor`, `${vendor}\n`);
  host.files.set(`${folder}/uevent`, `DRIVER=some\nPCI_SLOT_NAME=${pci}\n`);
  return folder;
}

function addClient(host: FakeHost, pid: number, fd: number, info: string): void {
  host.links.set(`/proc/${pid}/fd/${fd}`, '/dev/dri/renderD128');
  host.files.set(`/proc/${pid}/fdinfo/${fd}`, info);
}

function hostWithTwo(): FakeHost {
  const host = fakeHost();
  addProcess(host, { pid: 100, parentPid: 1, comm: 'server' });
  addProcess(host, { pid: 300, parentPid: 1, comm: 'neighbour' });
  return host;
}

const ours: ProcessIdentity = { pid: 100, startTicks: 5100, parentPid: 1, role: 'server', isRoot: true };

async function openOn(source: GpuSource, host: FakeHost): Promise<OpenGpuSource> {
  const opened = await source.open(targetOn(host, { processes: () => [ours] }), host);
  if (typeof opened === 'string') {
    throw new Error(opened);
  }
  return opened;
}

describe('an AMD device', () => {
  function amdHost(): FakeHost {
    const host = hostWithTwo();
    const folder = addCard(host, 'card0', '0x1002', amdPci);
    host.files.set(`${folder}/mem_info_vram_total`, `${1000 * mebibyte}\n`);
    host.files.set(`${folder}/mem_info_vram_used`, `${300 * mebibyte}\n`);
    host.files.set(`${folder}/gpu_busy_percent`, '42\n');
    return host;
  }

  it('is read from sysfs, and its holders from what they have opened', async () => {
    const host = amdHost();
    addClient(host, 100, 7, amdInfo(5, 100 * 1024));
    addClient(host, 100, 8, amdInfo(6, 20 * 1024));
    addClient(host, 300, 4, amdInfo(9, 50 * 1024));
    const { readings } = await (await openOn(amdSource, host)).read(0);
    expect(readings).toEqual([
      {
        instance: `amd:${amdPci}`,
        totalBytes: 1000 * mebibyte,
        usedBytes: 300 * mebibyte,
        freeBytes: 700 * mebibyte,
        reservedBytes: null,
        utilizationPercent: 42,
        processes: [
          { pid: 100, bytes: 120 * mebibyte },
          { pid: 300, bytes: 50 * mebibyte },
        ],
      },
    ]);
  });

  it('counts a client once, in our process rather than in the one that inherited it', async () => {
    const host = amdHost();
    addClient(host, 300, 4, amdInfo(5, 100 * 1024));
    addClient(host, 100, 7, amdInfo(5, 100 * 1024));
    addClient(host, 100, 9, amdInfo(5, 100 * 1024));
    const { readings } = await (await openOn(amdSource, host)).read(0);
    expect(readings[0]?.processes).toEqual([{ pid: 100, bytes: 100 * mebibyte }]);
  });

  it('takes what ROCm books on a process where that is more', async () => {
    const host = amdHost();
    addClient(host, 100, 7, amdInfo(5, 10 * 1024));
    host.files.set('/sys/class/kfd/kfd/topology/nodes/0/gpu_id', '0\n');
    host.files.set('/sys/class/kfd/kfd/topology/nodes/1/gpu_id', '51030\n');
    host.files.set('/sys/class/kfd/kfd/topology/nodes/1/properties', 'cpu_cores_count 0\nlocation_id 768\ndomain 0\n');
    host.files.set('/sys/class/kfd/kfd/proc/100/vram_51030', `${80 * mebibyte}\n`);
    const { readings } = await (await openOn(amdSource, host)).read(0);
    expect(readings[0]?.processes).toEqual([{ pid: 100, bytes: 80 * mebibyte }]);
  });

  it.each([
    [0, 1000, 'unchanged', 'it is too soon'],
    [0, 4999, 'unchanged', 'it is still too soon'],
    [0, 5000, [], 'five seconds have passed'],
  ])('looks at %d ms and at %d ms for holders: %j, since %s', async (firstMs, thenMs, expected, _why) => {
    const source = await openOn(amdSource, amdHost());
    await source.read(firstMs);
    expect((await source.read(thenMs)).readings[0]?.processes).toEqual(expected);
  });

  it('has null where a file is gone', async () => {
    const host = amdHost();
    const source = await openOn(amdSource, host);
    host.files.delete('/sys/class/drm/card0/device/mem_info_vram_used');
    host.files.delete('/sys/class/drm/card0/device/gpu_busy_percent');
    expect((await source.read(0)).readings[0]).toMatchObject({
      usedBytes: null,
      freeBytes: null,
      utilizationPercent: null,
    });
  });

  it('is not there for a card of another vendor', async () => {
    const host = hostWithTwo();
    addCard(host, 'card0', '0x10de', amdPci);
    await expect(openOn(amdSource, host)).rejects.toThrow('no amdgpu device');
  });
});

describe('an Intel device', () => {
  it('tells what its holders have resident, and no total', async () => {
    const host = hostWithTwo();
    addCard(host, 'card1', '0x8086', intelPci);
    addClient(host, 100, 7, xeInfo(3, 64 * 1024));
    const { readings, problems } = await (await openOn(intelSource, host)).read(0);
    expect(readings).toEqual([
      expect.objectContaining({
        instance: `intel:${intelPci}`,
        usedBytes: null,
        totalBytes: null,
        processes: [{ pid: 100, bytes: 64 * mebibyte }],
      }),
    ]);
    expect(problems).toHaveLength(1);
  });

  it('is not one that lives in host memory, which is counted there', async () => {
    const host = hostWithTwo();
    addCard(host, 'card0', '0x8086', '0000:00:02.0');
    await expect(openOn(intelSource, host)).rejects.toThrow('no device with memory of its own');
  });
});

describe('parseDrmClient', () => {
  const head = `drm-client-id:\t1\ndrm-pdev:\t${amdPci}\n`;
  it.each<[string, number | null, string]>([
    [`${head}drm-memory-vram:\t3 KiB\n`, 3072, 'the older key'],
    [`${head}drm-memory-vram:\t3 KiB\ndrm-resident-vram:\t2 MiB\n`, 2 * mebibyte, 'the younger key wins'],
    [`${head}drm-memory-vram:\t4096\n`, 4096, 'without a unit it is bytes'],
    [`${head}drm-memory-vram:\t3 pages\n`, null, 'an unknown unit'],
    [`${head}drm-memory-gtt:\t3 KiB\n`, null, 'host memory alone'],
    [`drm-pdev:\t${amdPci}\ndrm-memory-vram:\t3 KiB\n`, null, 'no client'],
    ['pos:\t0\nflags:\t02\n', null, 'no DRM file'],
  ])('of %j has %s bytes (%s)', (text, bytes, _why) => {
    const client = parseDrmClient(text, ['drm-resident-vram', 'drm-memory-vram']);
    expect(client?.bytes ?? null).toBe(bytes);
  });
});
