import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type DeviceTotals, outOfMemoryCode } from './device.ts';

const mebibyte = 1024 ** 2;
const granularityBytes = 2 * mebibyte;

/** What a driver keeps for itself before the first context. */
export const driverReserveBytes = 64 * mebibyte;

export interface Holder {
  pid: number;
  label: string;
  bytes: number;
}

interface Context extends Holder {
  allocations: Map<number, number>;
}

export interface Ledger {
  /** Null if the device cannot hold another context. */
  openContext(pid: number, label: string, contextBytes: number): number | null;
  closeContext(context: number): void;
  /** Null means out of memory. */
  alloc(context: number, bytes: number): number | null;
  free(context: number, id: number): boolean;
  totals(): DeviceTotals & { reservedBytes: number; processes: Holder[] };
}

/** The bookkeeping of the virtual device: 2 MiB granules, never over-committed, no host memory behind it. */
export function createLedger(totalBytes: number): Ledger {
  const contexts = new Map<number, Context>();
  let nextId = 1;
  const usedBytes = (): number =>
    [...contexts.values()].reduce((sum, context) => sum + context.bytes, driverReserveBytes);
  const granules = (bytes: number): number => Math.ceil(bytes / granularityBytes) * granularityBytes;
  const fits = (bytes: number): boolean => usedBytes() + bytes <= totalBytes;
  return {
    openContext(pid, label, contextBytes) {
      const bytes = granules(contextBytes);
      if (!fits(bytes)) {
        return null;
      }
      contexts.set(nextId, { pid, label, bytes, allocations: new Map() });
      return nextId++;
    },
    closeContext(context) {
      contexts.delete(context);
    },
    alloc(context, asked) {
      const held = contexts.get(context);
      const bytes = granules(asked);
      if (held === undefined || !fits(bytes)) {
        return null;
      }
      held.allocations.set(nextId, bytes);
      held.bytes += bytes;
      return nextId++;
    },
    free(context, id) {
      const held = contexts.get(context);
      const bytes = held?.allocations.get(id);
      if (held === undefined || bytes === undefined) {
        return false;
      }
      held.allocations.delete(id);
      held.bytes -= bytes;
      return true;
    },
    totals() {
      const used = usedBytes();
      return {
        totalBytes,
        reservedBytes: driverReserveBytes,
        usedBytes: used,
        freeBytes: totalBytes - used,
        processes: [...contexts.values()].map(({ pid, label, bytes }) => ({ pid, label, bytes })),
      };
    },
  };
}

type Answer = Record<string, unknown>;
type Call = { seq?: unknown; op?: unknown; pid?: unknown; label?: unknown; bytes?: unknown; id?: unknown };

const outOfMemory: Answer = { error: outOfMemoryCode };
const invalidValue: Answer = { error: 1 };

/** Answers one connection's calls; the connection is its context. */
export function createSession(ledger: Ledger): { answer(call: Call): Answer; close(): void } {
  let context: number | null = null;
  return {
    answer(call) {
      const bytes = typeof call.bytes === 'number' && call.bytes >= 0 ? call.bytes : null;
      switch (call.op) {
        case 'ctx':
          if (bytes === null || context !== null) {
            return invalidValue;
          }
          context = ledger.openContext(Number(call.pid), String(call.label), bytes);
          return context === null ? outOfMemory : { id: context };
        case 'alloc': {
          if (bytes === null || context === null) {
            return invalidValue;
          }
          const id = ledger.alloc(context, bytes);
          return id === null ? outOfMemory : { id };
        }
        case 'free':
          return context !== null && ledger.free(context, Number(call.id)) ? {} : invalidValue;
        case 'meminfo':
        case 'monitor': {
          const totals = ledger.totals();
          return call.op === 'monitor' ? { ...totals } : { totalBytes: totals.totalBytes, freeBytes: totals.freeBytes };
        }
        default:
          return invalidValue;
      }
    },
    close() {
      if (context !== null) {
        ledger.closeContext(context);
        context = null;
      }
    },
  };
}

function parseCall(line: string): Call {
  try {
    const call: unknown = JSON.parse(line);
    return call !== null && typeof call === 'object' ? call : {};
  } catch {
    return {};
  }
}

function serve(ledger: Ledger, socket: Socket): void {
  const session = createSession(ledger);
  // A holder that was killed shows as a reset; its memory goes back on `close` like any other's.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => session.close());
  createInterface({ input: socket }).on('line', (line) => {
    const call = parseCall(line);
    socket.write(`${JSON.stringify({ seq: call.seq, ...session.answer(call) })}\n`);
  });
}

/** The broker: resolves to its stop function once it listens on the unix socket. */
export function startBroker(socketPath: string, totalBytes: number): Promise<() => void> {
  const ledger = createLedger(totalBytes);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(ledger, socket);
  });
  rmSync(socketPath, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () =>
      resolve(() => {
        server.close();
        for (const socket of sockets) {
          socket.destroy();
        }
        rmSync(socketPath, { force: true });
      }),
    );
  });
}
