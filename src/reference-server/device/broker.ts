import { type Child, startChild } from '../children.ts';
import type { DeviceHost, DeviceTotals } from './device.ts';
import { type DeviceMonitor, openVirtualMonitor } from './virtual.ts';

function ready(child: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    child.onMessage(() => resolve());
    void child.exited.then((how) => reject(new Error(`the ledger ended before it listened: ${how}`)));
  });
}

/** Starts the ledger and watches it; `onLost` is told if it ends unasked. */
export async function startLedger(
  socketPath: string,
  { vramBytes, contextBytes }: { vramBytes: number; contextBytes: number },
  onLost: (how: string) => void,
): Promise<DeviceHost> {
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
    kind: 'virtual',
    why: 'no GPU driver is used: the ledger stands for the card',
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
