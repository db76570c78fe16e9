import { setTimeout as sleep } from 'node:timers/promises';
import { monitorCall, parseMonitorReading } from '../../base/device-monitor.ts';
import { createCpuKernels } from '../kernels/cpu.ts';
import {
  type DeviceContext,
  DeviceError,
  type DeviceReading,
  type DeviceTotals,
  type KernelOrder,
  outOfMemoryCode,
} from './device.ts';
import { connectLine, type Line } from './virtual/line.ts';
import { createPinnedMemory } from './virtual/pinned.ts';
import type { Answer } from './virtual/session.ts';

const invalidValueCode = 1;

function checked(answer: Answer, what: string): Answer {
  const code = answer['error'];
  if (typeof code === 'number') {
    throw new DeviceError(code, `${what}: ${code === outOfMemoryCode ? 'out of device memory' : 'invalid value'}`);
  }
  return answer;
}

function totalsIn(answer: Answer): DeviceTotals {
  const totalBytes = Number(answer['totalBytes']);
  const freeBytes = Number(answer['freeBytes']);
  return { totalBytes, freeBytes, usedBytes: totalBytes - freeBytes };
}

async function runQueued(line: Line, kernelMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { seq, answer } = line.call('launch', { ms: kernelMs });
  const cancel = (): void => {
    // A lost device is told by the launch itself.
    line.call('cancel', { id: seq }).answer.catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    checked(await answer, `kernel of ${kernelMs} ms`);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  signal.throwIfAborted();
}

/** A context on the virtual device, charged with `contextBytes`. */
export async function openVirtualContext(
  socketPath: string,
  label: string,
  contextBytes: number,
  onLost: () => void,
): Promise<DeviceContext> {
  const line = await connectLine(socketPath, onLost);
  const ask = async (op: string, fields: Answer, what: string): Promise<Answer> =>
    checked(await line.call(op, fields).answer, what);
  try {
    await ask('ctx', { pid: process.pid, label, bytes: contextBytes }, 'context');
  } catch (error) {
    line.close();
    throw error;
  }
  const pinned = createPinnedMemory();
  return {
    alloc: async (bytes) => Number((await ask('alloc', { bytes }, `allocation of ${bytes} bytes`))['id']),
    free: async (id) => {
      await ask('free', { id }, `free of ${id}`);
    },
    pin: (bytes) => pinned.pin(bytes),
    unpin: async (id) => pinned.unpin(id),
    run: (kernelMs: number, signal: AbortSignal, order: KernelOrder = 'side-by-side') =>
      order === 'queued'
        ? runQueued(line, Math.max(0, kernelMs), signal)
        : sleep(Math.max(0, kernelMs), undefined, { signal }),
    kernels: createCpuKernels(),
    totals: async () => totalsIn(await ask('meminfo', {}, 'totals')),
    close() {
      pinned.close();
      line.close();
    },
  };
}

export interface DeviceMonitor {
  read(): Promise<DeviceReading>;
  close(): void;
}

/** Reads totals and processes without a context, so that watching costs no device memory. */
export async function openVirtualMonitor(socketPath: string, onLost: () => void): Promise<DeviceMonitor> {
  const line = await connectLine(socketPath, onLost);
  return {
    async read() {
      const reading = parseMonitorReading(await line.call(monitorCall).answer);
      if (reading === null) {
        throw new DeviceError(invalidValueCode, 'the virtual device gave an answer that is no reading');
      }
      // As on a real device, what nobody can have counts as taken.
      return { ...reading, usedBytes: reading.totalBytes - reading.freeBytes };
    },
    close: () => line.close(),
  };
}
