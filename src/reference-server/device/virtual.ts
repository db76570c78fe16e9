import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DeviceContext, DeviceError, type DeviceTotals, outOfMemoryCode } from './device.ts';

type Answer = Record<string, unknown>;

interface Line {
  call(op: string, fields?: Answer): Promise<Answer>;
  close(): void;
}

const deviceLostCode = 719;

/** Connects to the broker; `onLost` is told when the broker goes away. */
function connect(socketPath: string, onLost: () => void): Promise<Line> {
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(error: DeviceError): void }>();
  let nextSeq = 1;
  let isClosed = false;
  const lose = (): void => {
    for (const { reject } of waiting.values()) {
      reject(new DeviceError(deviceLostCode, 'the virtual device is gone'));
    }
    waiting.clear();
    if (!isClosed) {
      isClosed = true;
      onLost();
    }
  };
  const line = (socket: Socket): Line => ({
    call: (op, fields = {}) =>
      new Promise((resolve, reject) => {
        if (isClosed) {
          reject(new DeviceError(deviceLostCode, 'the virtual device is gone'));
          return;
        }
        const seq = nextSeq++;
        waiting.set(seq, { resolve, reject });
        socket.write(`${JSON.stringify({ seq, op, ...fields })}\n`);
      }),
    close() {
      isClosed = true;
      socket.destroy();
    },
  });
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      socket.on('error', () => socket.destroy());
      socket.on('close', lose);
      createInterface({ input: socket }).on('line', (text) => {
        const answer = JSON.parse(text) as Answer;
        const seq = Number(answer['seq']);
        waiting.get(seq)?.resolve(answer);
        waiting.delete(seq);
      });
      resolve(line(socket));
    });
    socket.once('error', reject);
  });
}

function idIn(answer: Answer, what: string): number {
  const code = answer['error'];
  if (typeof code === 'number') {
    throw new DeviceError(code, `${what}: ${code === outOfMemoryCode ? 'out of device memory' : 'invalid value'}`);
  }
  return Number(answer['id']);
}

/** A context on the virtual device, charged with `contextBytes`. */
export async function openVirtualContext(
  socketPath: string,
  label: string,
  contextBytes: number,
  onLost: () => void,
): Promise<DeviceContext> {
  const line = await connect(socketPath, onLost);
  idIn(await line.call('ctx', { pid: process.pid, label, bytes: contextBytes }), 'context');
  return {
    alloc: async (bytes) => idIn(await line.call('alloc', { bytes }), `allocation of ${bytes} bytes`),
    free: async (id) => {
      idIn(await line.call('free', { id }), `free of ${id}`);
    },
    run: (kernelMs, signal) => sleep(Math.max(0, kernelMs), undefined, { signal }),
    close: () => line.close(),
  };
}

export interface DeviceMonitor {
  read(): Promise<DeviceTotals>;
  close(): void;
}

/** Reads totals without a context, so that watching costs no device memory. */
export async function openVirtualMonitor(socketPath: string, onLost: () => void): Promise<DeviceMonitor> {
  const line = await connect(socketPath, onLost);
  return {
    async read() {
      const answer = await line.call('monitor');
      return {
        totalBytes: Number(answer['totalBytes']),
        usedBytes: Number(answer['usedBytes']),
        freeBytes: Number(answer['freeBytes']),
      };
    },
    close: () => line.close(),
  };
}
