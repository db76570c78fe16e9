import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBroker } from '../../reference-server/device/ledger.ts';
import { openVirtualContext } from '../../reference-server/device/virtual.ts';
import { fakeHost } from '../../testing/fake-host.ts';
import { targetOn } from '../../testing/open-probe.ts';
import { brokerSource } from './broker.ts';
import type { OpenGpuSource } from './gpu-source.ts';

const mebibyte = 1024 ** 2;
const serverPath = fileURLToPath(new URL('../../../dist/reference-server/main.js', import.meta.url));
const reason = existsSync(serverPath) ? '' : ' (skipped: there is no build; run npm run build)';

async function openOn(deviceMonitor: string): Promise<OpenGpuSource> {
  const host = fakeHost();
  const opened = await brokerSource.open(targetOn(host, { deviceMonitor }), host);
  if (typeof opened === 'string') {
    throw new Error(opened);
  }
  return opened;
}

describe('the virtual device, as a monitor sees it', () => {
  let folder = '';
  let stop: () => void = () => undefined;
  const socketPath = (): string => join(folder, 's');

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'broker-'));
    stop = await startBroker(socketPath(), 1024 * mebibyte);
  });
  afterEach(() => {
    stop();
    rmSync(folder, { recursive: true });
  });

  it('has the shape of a real one, and a process with two contexts once', async () => {
    const contexts = await Promise.all(
      ['hot', 'cold'].map((label) => openVirtualContext(socketPath(), label, 100 * mebibyte, () => undefined)),
    );
    const source = await openOn(socketPath());
    await expect(source.read(0)).resolves.toEqual({
      readings: [
        {
          instance: 'virtual:0',
          totalBytes: 1024 * mebibyte,
          usedBytes: 200 * mebibyte,
          freeBytes: (1024 - 64 - 200) * mebibyte,
          reservedBytes: 64 * mebibyte,
          utilizationPercent: null,
          processes: [{ pid: process.pid, bytes: 200 * mebibyte }],
        },
      ],
      problems: [],
    });
    await source.close();
    for (const context of contexts) {
      context.close();
    }
  });

  it('is null once it has gone, with the reason', async () => {
    const source = await openOn(socketPath());
    stop();
    await expect
      .poll(async () => source.read(0), { interval: 5 })
      .toMatchObject({ readings: [{ usedBytes: null, processes: null }], problems: ['the virtual device is gone'] });
    await source.close();
  });

  it('is not there without its socket', async () => {
    await expect(openOn(join(folder, 'none'))).rejects.toThrow('ENOENT');
  });
});

describe('a device that gives no answer', () => {
  let folder = '';
  let server: Server;
  let asked = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mute-'));
    asked = 0;
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      createInterface({ input: socket }).on('line', () => {
        asked += 1;
      });
    });
    server.listen(join(folder, 's'));
    await once(server, 'listening');
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('is waited for once and for 200 ms, not at every reading', async () => {
    const source = await openOn(join(folder, 's'));
    const startedMs = performance.now();
    const first = await source.read(0);
    const waitedMs = performance.now() - startedMs;
    await source.read(1000);
    await source.read(2000);
    expect(first).toMatchObject({
      readings: [{ usedBytes: null, processes: null }],
      problems: ['the virtual device did not answer within 200 ms'],
    });
    expect(waitedMs).toBeGreaterThan(190);
    expect(performance.now() - startedMs).toBeLessThan(waitedMs + 150);
    expect(asked).toBe(1);
    await source.close();
  });
});

describe.skipIf(reason !== '')(`the virtual device of a server${reason}`, () => {
  it('is still read when the front hangs', async () => {
    const flags = ['--device', 'virtual', '--services', 'speech', '--time-scale', '0.02', '--end-with-parent'];
    const server = execaNode(serverPath, flags, { stdin: 'pipe', reject: false });
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
    const { device, pid } = JSON.parse(line) as { device: { kind: string; monitor: string }; pid: number };
    const source = await openOn(device.monitor);
    const usedBytes = async (): Promise<number | null> => (await source.read(0)).readings[0]?.usedBytes ?? null;
    await expect.poll(usedBytes, { timeout: 20_000 }).toBeGreaterThan(1024 * mebibyte);
    const before = await usedBytes();
    process.kill(pid, 'SIGSTOP');
    const { readings, problems } = await source.read(0);
    process.kill(pid, 'SIGCONT');
    expect([readings[0]?.usedBytes, problems]).toEqual([before, []]);
    expect(readings[0]?.processes).not.toEqual([]);
    await source.close();
    server.stdin.end();
    expect((await server).exitCode).toBe(0);
  });
});
