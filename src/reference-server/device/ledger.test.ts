import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaNode } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBroker } from './ledger.ts';
import { modelled } from './virtual/defaults.ts';
import { openVirtualContext, openVirtualMonitor } from './virtual.ts';

const mebibyte = 1024 ** 2;
const { driverReserveBytes } = modelled;
const never = new AbortController().signal;

describe('the broker', () => {
  let folder = '';
  let stop: () => void = () => undefined;
  const socketPath = (): string => join(folder, 's');

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    stop = await startBroker(socketPath(), 1024 * mebibyte);
  });
  afterEach(() => {
    stop();
    rmSync(folder, { recursive: true });
  });

  it('gives everything back when its holder is killed', async () => {
    const holder = execaNode(
      '--input-type=module',
      [
        '--eval',
        `import { createConnection } from 'node:net';
       const socket = createConnection(process.argv[1]);
       socket.write('{"seq":1,"op":"ctx","pid":1,"label":"x","bytes":104857600}\\n{"seq":2,"op":"alloc","bytes":524288000}\\n');
       let text = '';
       socket.on('data', (data) => { text += data; if (text.split('\\n').length > 2) process.send('held'); });`,
        socketPath(),
      ],
      { reject: false },
    );
    await new Promise((resolve) => holder.once('message', resolve));
    const monitor = await openVirtualMonitor(socketPath(), () => undefined);
    expect((await monitor.read()).usedBytes).toBe(driverReserveBytes + 600 * mebibyte);
    holder.kill('SIGKILL');
    await holder;
    await expect.poll(async () => (await monitor.read()).usedBytes, { interval: 5 }).toBe(driverReserveBytes);
    monitor.close();
  });

  it('goes on when one that asked goes away without reading its answer', async () => {
    const monitor = await openVirtualMonitor(socketPath(), () => undefined);
    const rude = createConnection(socketPath()).pause();
    await once(rude, 'connect');
    rude.write('{"seq":1,"op":"nvml"}\n');
    // Answered in the order asked, so by now an answer lies unread.
    await monitor.read();
    rude.destroy();
    await once(rude, 'close');
    expect((await monitor.read()).usedBytes).toBe(driverReserveBytes);
    monitor.close();
  });

  it('answers twelve racing holders without ever going above the card', async () => {
    const contexts = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) =>
        openVirtualContext(socketPath(), `w${index}`, 100 * mebibyte, () => undefined),
      ),
    );
    const held = contexts.filter((result) => result.status === 'fulfilled').map((result) => result.value);
    const failed = contexts.filter((result) => result.status === 'rejected');
    expect(held).toHaveLength(9);
    expect(failed.map((result) => (result.reason as { deviceCode: number }).deviceCode)).toEqual([2, 2, 2]);
    await expect(held[0]?.alloc(100 * mebibyte)).rejects.toThrow('out of device memory');
    for (const context of held) {
      context.close();
    }
  });

  it('tells totals as each process sees them, and who holds what', async () => {
    const context = await openVirtualContext(socketPath(), 'hot', 100 * mebibyte, () => undefined);
    await context.alloc(50 * mebibyte);
    const usedBytes = driverReserveBytes + 150 * mebibyte;
    const totals = { totalBytes: 1024 * mebibyte, usedBytes, freeBytes: 1024 * mebibyte - usedBytes };
    await expect(context.totals()).resolves.toEqual(totals);
    const monitor = await openVirtualMonitor(socketPath(), () => undefined);
    await expect(monitor.read()).resolves.toEqual({
      ...totals,
      reservedBytes: driverReserveBytes,
      processes: [{ pid: process.pid, label: 'hot', bytes: 150 * mebibyte }],
    });
    monitor.close();
    context.close();
  });

  it.each([
    ['queued', ['long', 'short'], 'one after another, in the order asked'],
    ['side-by-side', ['short', 'long'], 'as if each context had the device alone'],
  ] as const)('runs %s kernels of two contexts to the end in the order %j (%s)', async (order, expected, _why) => {
    const ended: string[] = [];
    const contexts = await Promise.all(
      ['long', 'short'].map((label) => openVirtualContext(socketPath(), label, 0, () => undefined)),
    );
    const [long, short] = contexts.map((context, index) => context.run(index === 0 ? 150 : 1, never, order));
    await Promise.all([long?.then(() => ended.push('long')), short?.then(() => ended.push('short'))]);
    expect(ended).toEqual(expected);
    for (const context of contexts) {
      context.close();
    }
  });

  it('takes a kernel out of the queue when its signal is aborted or its process is gone', async () => {
    const [first, second, third] = await Promise.all(
      ['a', 'b', 'c'].map((label) => openVirtualContext(socketPath(), label, 0, () => undefined)),
    );
    const abort = new AbortController();
    const long = first?.run(60_000, abort.signal, 'queued');
    void second?.run(60_000, never, 'queued').catch(() => undefined);
    const short = third?.run(1, never, 'queued');
    abort.abort();
    await expect(long).rejects.toThrow('aborted');
    second?.close();
    await expect(short).resolves.toBeUndefined();
    first?.close();
    third?.close();
  });

  it('keeps the memory of a process that is gone for as long as a driver needs to take it down', async () => {
    stop();
    stop = await startBroker(socketPath(), 1024 * mebibyte, 150);
    const context = await openVirtualContext(socketPath(), 'x', 100 * mebibyte, () => undefined);
    const monitor = await openVirtualMonitor(socketPath(), () => undefined);
    const closedMs = performance.now();
    context.close();
    expect((await monitor.read()).usedBytes).toBe(driverReserveBytes + 100 * mebibyte);
    await expect.poll(async () => (await monitor.read()).usedBytes, { interval: 5 }).toBe(driverReserveBytes);
    expect(performance.now() - closedMs).toBeGreaterThan(145);
    monitor.close();
  });

  it('tells its holders when it goes away', async () => {
    const lost = new Promise<void>((resolve) => {
      void openVirtualContext(socketPath(), 'x', 0, resolve).then(() => stop());
    });
    await expect(lost).resolves.toBeUndefined();
  });
});
