import { type Child, startChild } from '../children.ts';
import type { DeviceHost, DeviceReading } from './device.ts';
import { type DeviceMonitor, openVirtualMonitor } from './virtual.ts';

function ready(child: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    child.onMessage(() => resolve());
    void child.exited.then((how) => reject(new Error(`the ledger ended before it listened: ${how}`)));
  });
}

export interface LedgerSetup {
  vramBytes: number;
  contextBytes: number;
  /** How long the memory of an ended process stays taken. */
  teardownMs: number;
  /** Why the device is a virtual one. */
  why: string;
}

/** Starts the ledger and watches it; `onLost` is told if it ends unasked. */
export async function startLedger(
  socketPath: string,
  { vramBytes, contextBytes, teardownMs, why }: LedgerSetup,
  onLost: (how: string) => void,
): Promise<DeviceHost> {
  const child = startChild('device/ledger-main', [socketPath, String(vramBytes), String(teardownMs)]);
  await ready(child);
  let totals: DeviceReading | null = null;
  let isStopping = false;
  const monitor: DeviceMonitor = await openVirtualMonitor(socketPath, () => {
    totals = null;
  });
  void child.exited.then((how) => {
    if (!isStopping) {
      onLost(how);
    }
  });
  const refresh = async (): Promise<void> => {
    // A lost ledger is told by `onLost`; here it only means that there is no reading.
    totals = await monitor.read().catch(() => null);
  };
  await refresh();
  return {
    kind: 'virtual',
    why,
    access: { kind: 'virtual', socketPath, contextBytes },
    contextBytes,
    totals: () => totals,
    refresh,
    async stop() {
      isStopping = true;
      monitor.close();
      child.end();
      await child.exited;
    },
  };
}
