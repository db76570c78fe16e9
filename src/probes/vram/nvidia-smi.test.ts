import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeHost } from '../../testing/fake-host.ts';
import { targetOn } from '../../testing/open-probe.ts';
import type { OpenGpuSource } from './gpu-source.ts';
import { nvidiaSmi, parseDeviceLine, parseProcessLine } from './nvidia-smi.ts';

const mebibyte = 1024 ** 2;
const uuid = 'GPU-8f6d2c1a-0b3e-4c55-9d7a-1f2e3d4c5b6a';
const deviceLine = `${uuid}, 4211, 77013, 81559, 63`;
const processLines = [`${uuid}, 4711, 3650`, `${uuid}, 4800, [N/A]`];

const prints = (lines: readonly string[]): string => lines.map((line) => `echo '${line}'`).join('; ');

const ticking = `while :; do ${prints([deviceLine])}; sleep 0.02; done`;

describe('nvidia-smi in two processes that go on', () => {
  let folder = '';
  let nowMs = 0;
  let open: OpenGpuSource | null = null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'smi-'));
    nowMs = 0;
  });
  afterEach(async () => {
    await open?.close();
    open = null;
    rmSync(folder, { recursive: true });
  });

  /** A script that stands for nvidia-smi; both processes write their pid first. */
  async function start(devices: string, processes: string, firstLineWithinMs = 5000): Promise<OpenGpuSource | string> {
    const command = join(folder, 'nvidia-smi');
    writeFileSync(
      command,
      `#!/bin/sh\necho $$ >> ${folder}/pids\ncase "$1" in\n--query-gpu=*) ${devices} ;;\n*) ${processes} ;;\nesac\n`,
    );
    chmodSync(command, 0o755);
    const host = fakeHost();
    const opened = await nvidiaSmi({
      command,
      devicesEveryMs: 1000,
      processesEveryMs: 5000,
      firstLineWithinMs,
      nowMs: () => nowMs,
    }).open(targetOn(host), host);
    open = typeof opened === 'string' ? null : opened;
    return opened;
  }

  async function started(devices: string, processes: string): Promise<OpenGpuSource> {
    const opened = await start(devices, processes);
    if (typeof opened === 'string') {
      throw new Error(opened);
    }
    return opened;
  }

  const running = (): boolean[] =>
    readFileSync(join(folder, 'pids'), 'utf8')
      .trim()
      .split('\n')
      .map((pid) => {
        try {
          return process.kill(Number(pid), 0);
        } catch {
          return false;
        }
      });

  it('tells the device and, when a round is whole, its processes once', async () => {
    const source = await started(ticking, `${prints(processLines)}; exec sleep 60`);
    const device = {
      instance: `cuda:${uuid}`,
      usedBytes: 4211 * mebibyte,
      freeBytes: 77_013 * mebibyte,
      totalBytes: 81_559 * mebibyte,
      reservedBytes: null,
      utilizationPercent: 63,
    };
    await expect(source.read(0)).resolves.toEqual({ readings: [{ ...device, processes: 'unchanged' }], problems: [] });
    const processes = [
      { instance: `cuda:${uuid}`, pid: 4711, bytes: 3650 * mebibyte },
      { instance: `cuda:${uuid}`, pid: 4800, bytes: null },
    ];
    await expect
      .poll(
        async () => {
          nowMs += 100;
          return (await source.read(0)).readings[0]?.processes;
        },
        { interval: 20 },
      )
      .toEqual(processes);
    expect((await source.read(0)).readings[0]?.processes).toBe('unchanged');
  });

  it('starts two processes and no more, and ends both with the probe', async () => {
    const source = await started(`${prints([deviceLine])}; exec sleep 60`, 'exec sleep 60');
    for (let tick = 0; tick < 20; tick += 1) {
      await source.read(tick);
    }
    await expect.poll(running, { interval: 20 }).toEqual([true, true]);
    await source.close();
    expect(running()).toEqual([false, false]);
  });

  it('has null when nothing has come for three intervals, and says so', async () => {
    const source = await started(`${prints([deviceLine])}; exec sleep 60`, 'exec sleep 60');
    nowMs = 3000;
    expect((await source.read(0)).readings[0]).toMatchObject({ usedBytes: 4211 * mebibyte });
    nowMs = 3001;
    const { readings, problems } = await source.read(0);
    expect(readings[0]).toMatchObject({ usedBytes: null, totalBytes: null, utilizationPercent: null, processes: null });
    expect(problems).toEqual(['nvidia-smi has told nothing for 3 intervals']);
  });

  it('has no list of processes after three silent rounds, since it prints nothing where there is none', async () => {
    const source = await started(ticking, 'exec sleep 60');
    nowMs = 15_001;
    await expect
      .poll(async () => (await source.read(0)).readings[0]?.usedBytes, { interval: 20 })
      .toBe(4211 * mebibyte);
    const { readings, problems } = await source.read(0);
    expect(readings[0]?.processes).toBeNull();
    expect(problems).toEqual(['nvidia-smi lists no process; it prints nothing where there is none']);
  });

  it('has null when it has died, with how', async () => {
    const source = await started(
      `${prints([deviceLine])}; sleep 0.2; echo 'Unable to determine the device handle'; exit 9`,
      'exec sleep 60',
    );
    await expect
      .poll(async () => (await source.read(0)).problems, { interval: 20 })
      .toEqual(['nvidia-smi ended: exit code 9: Unable to determine the device handle']);
    expect((await source.read(0)).readings[0]).toMatchObject({ usedBytes: null, processes: null });
  });

  it.each([
    [
      'it cannot reach the driver',
      "echo 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.'; exit 9",
      'exit code 9: NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.',
    ],
    ['it hangs', 'exec sleep 60', 'nothing printed in 0.3 s'],
    ['it lists no card', "echo 'No devices were found'; exit 6", 'exit code 6: No devices were found'],
  ])('is of no use where %s, and leaves nothing behind', async (_why, devices, reason) => {
    expect(await start(devices, 'exec sleep 60', 300)).toBe(reason);
    expect(running()).not.toContain(true);
  });

  it('says where it is not installed', async () => {
    const host = fakeHost();
    const options = { devicesEveryMs: 1000, processesEveryMs: 5000, firstLineWithinMs: 5000, nowMs: () => 0 };
    const source = nvidiaSmi({ ...options, command: join(folder, 'nowhere') });
    expect(await source.open(targetOn(host), host)).toBe('not on PATH');
  });
});

describe('a line of nvidia-smi', () => {
  it.each([
    [`${uuid}, 4211, 77013, 81559, [N/A]`, 4211 * mebibyte, null, 'it does not tell how busy it is'],
    [`${uuid}, [Insufficient Permissions], 77013, 81559, 5`, null, 5, 'a figure is refused'],
    ['GPU is lost', undefined, undefined, 'it is no line of the query'],
    ['', undefined, undefined, 'it is empty'],
    [`${uuid}, 4211`, undefined, undefined, 'it is cut off'],
  ])('%j has %s bytes used and is %s percent busy (%s)', (line, usedBytes, busy, _why) => {
    const reading = parseDeviceLine(line);
    expect([reading?.usedBytes, reading?.utilizationPercent]).toEqual([usedBytes, busy]);
  });

  it.each([
    [`${uuid}, 4711, 3650`, { instance: `cuda:${uuid}`, pid: 4711, bytes: 3650 * mebibyte }, 'as it should be'],
    [`${uuid}, 4711, [N/A]`, { instance: `cuda:${uuid}`, pid: 4711, bytes: null }, 'under WSL'],
    ['No running processes found', null, 'a sentence'],
    [`${uuid}, 4711`, null, 'cut off'],
  ])('%j is the process %j (%s)', (line, process, _why) => {
    expect(parseProcessLine(line)).toEqual(process);
  });
});
