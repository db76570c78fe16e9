import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaNode } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLedger, createSession, driverReserveBytes, startBroker } from './ledger.ts';
import { openVirtualContext, openVirtualMonitor } from './virtual.ts';

const mebibyte = 1024 ** 2;

describe('createLedger', () => {
  it('charges the context and rounds to 2 MiB', () => {
    const ledger = createLedger(1024 * mebibyte);
    const context = ledger.openContext(7, 'hot', 100 * mebibyte);
    ledger.alloc(context ?? 0, 1);
    expect(ledger.totals().usedBytes).toBe(driverReserveBytes + 102 * mebibyte);
    expect(ledger.totals().processes).toEqual([{ pid: 7, label: 'hot', bytes: 102 * mebibyte }]);
  });

  it('never gives more than there is, neither to contexts nor to allocations', () => {
    const ledger = createLedger(256 * mebibyte);
    const context = ledger.openContext(1, 'a', 100 * mebibyte) ?? 0;
    expect(ledger.openContext(2, 'b', 100 * mebibyte)).toBeNull();
    expect(ledger.alloc(context, 92 * mebibyte)).not.toBeNull();
    expect(ledger.alloc(context, 1)).toBeNull();
    expect(ledger.totals().freeBytes).toBe(0);
  });

  it('gives back an allocation once, and everything with the context', () => {
    const ledger = createLedger(1024 * mebibyte);
    const context = ledger.openContext(1, 'a', 0) ?? 0;
    const id = ledger.alloc(context, 64 * mebibyte) ?? 0;
    expect(ledger.free(context, id)).toBe(true);
    expect(ledger.free(context, id)).toBe(false);
    ledger.alloc(context, 64 * mebibyte);
    ledger.closeContext(context);
    expect(ledger.totals().usedBytes).toBe(driverReserveBytes);
  });
});

describe('createSession', () => {
  it.each([
    ['an allocation without a context', { op: 'alloc', bytes: 1 }, 1],
    ['a negative size', { op: 'ctx', bytes: -1 }, 1],
    ['an unknown call', { op: 'reset' }, 1],
    ['a context that is larger than the card', { op: 'ctx', pid: 1, label: 'x', bytes: 1e12 }, 2],
  ])('answers %s with its code', (_why, call, error) => {
    expect(createSession(createLedger(1024 * mebibyte)).answer(call)).toEqual({ error });
  });
});

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

  it('tells its holders when it goes away', async () => {
    const lost = new Promise<void>((resolve) => {
      void openVirtualContext(socketPath(), 'x', 0, resolve).then(() => stop());
    });
    await expect(lost).resolves.toBeUndefined();
  });
});
