import type { MonitorReading } from '../../../base/device-monitor.ts';
import { modelled } from './defaults.ts';

interface Account {
  pid: number;
  label: string;
  bytes: number;
  allocations: Map<number, number>;
}

export interface Ledger {
  /** Null if the device cannot hold another context. */
  openContext(pid: number, label: string, contextBytes: number): number | null;
  closeContext(context: number): void;
  /** Null means out of memory. */
  alloc(context: number, bytes: number): number | null;
  free(context: number, id: number): boolean;
  read(): MonitorReading;
}

/** The bookkeeping of the virtual device: 2 MiB granules, never over-committed, no host memory behind it. */
export function createLedger(totalBytes: number): Ledger {
  const accounts = new Map<number, Account>();
  let nextId = 1;
  const { driverReserveBytes, granularityBytes } = modelled;
  const takenBytes = (): number => [...accounts.values()].reduce((sum, account) => sum + account.bytes, 0);
  const leftBytes = (): number => totalBytes - driverReserveBytes - takenBytes();
  const granules = (bytes: number): number => Math.ceil(bytes / granularityBytes) * granularityBytes;
  return {
    openContext(pid, label, contextBytes) {
      const bytes = granules(contextBytes);
      if (bytes > leftBytes()) {
        return null;
      }
      accounts.set(nextId, { pid, label, bytes, allocations: new Map() });
      return nextId++;
    },
    closeContext(context) {
      accounts.delete(context);
    },
    alloc(context, asked) {
      const account = accounts.get(context);
      const bytes = granules(asked);
      if (account === undefined || bytes > leftBytes()) {
        return null;
      }
      account.allocations.set(nextId, bytes);
      account.bytes += bytes;
      return nextId++;
    },
    free(context, id) {
      const account = accounts.get(context);
      const bytes = account?.allocations.get(id);
      if (account === undefined || bytes === undefined) {
        return false;
      }
      account.allocations.delete(id);
      account.bytes -= bytes;
      return true;
    },
    read: () => ({
      totalBytes,
      reservedBytes: driverReserveBytes,
      usedBytes: takenBytes(),
      freeBytes: leftBytes(),
      processes: [...accounts.values()].map(({ pid, label, bytes }) => ({ pid, label, bytes })),
    }),
  };
}
