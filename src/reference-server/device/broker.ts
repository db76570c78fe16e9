import { type Child, startChild } from '../children.ts';
import type { DeviceTotals } from './device.ts';
import { type DeviceMonitor, openVirtualMonitor } from './virtual.ts';

/** The front's hold on the ledger process; the front itself never opens a context. */
export interface Broker {
  totals(): DeviceTotals | null;
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

function ready(child: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    child.onMessage(() => resolve());
    void child.exited.then((how) => reject(new Error(`the ledger ended before it listened: ${how}`)));
  });
}

/** Starts the ledger and watches it; `onLost` is told if it ends unasked. */
export async function startLedger(
  socketPath: string,
  vramBytes: number,
  onLost: (how: string) => void,
): Promise<Broker> {
  const child = startChild('device/ledger-main', [socketPath, String(vramBytes)]);
  await ready(child);
  let totals: DeviceTotals | null = null;
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
