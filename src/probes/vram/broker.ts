import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type MonitorReading, monitorCall, parseMonitorReading } from '../../base/device-monitor.ts';
import { messageOf } from '../../base/errors.ts';
import type { GpuProcess, GpuReading, GpuSource } from './gpu-source.ts';
import { unread } from './gpu-source.ts';

/** It answers within a millisecond; the other probes must not wait for one that has stopped. */
const answerWithinMs = 200;
const instance = 'virtual:0';

/** A process has one entry for each of its contexts. */
function processesOf(reading: MonitorReading): GpuProcess[] {
  const held = new Map<number, number>();
  for (const { pid, bytes } of reading.processes) {
    held.set(pid, (held.get(pid) ?? 0) + bytes);
  }
  return [...held].map(([pid, bytes]) => ({ pid, bytes }));
}

function toReading(reading: MonitorReading | null): GpuReading {
  if (reading === null) {
    return { instance, ...unread };
  }
  const { totalBytes, usedBytes, freeBytes, reservedBytes } = reading;
  // Its kernels run beside the broker, which therefore cannot tell how busy the device is.
  const utilizationPercent = null;
  return {
    instance,
    totalBytes,
    usedBytes,
    freeBytes,
    reservedBytes,
    utilizationPercent,
    processes: processesOf(reading),
  };
}

function parseAnswer(line: string): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(line);
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The connection of one watcher; a context is never opened on it. */
class Monitor {
  readonly #socket: Socket;
  #seq = 0;
  #isGone = false;
  #waiting: { seq: number; resolve(reading: MonitorReading | null): void } | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#isGone = true;
      this.#waiting?.resolve(null);
    });
    createInterface({ input: socket })
      .on('line', (line) => this.#take(parseAnswer(line)))
      // It repeats the socket's errors, and one that nobody takes would end the sampler.
      .on('error', () => socket.destroy());
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** null: it is gone, or has not answered in time. */
  read(): Promise<MonitorReading | null> {
    // One that owes an answer is not waited for again until it has given it.
    if (this.#isGone || this.#waiting !== null) {
      return Promise.resolve(null);
    }
    this.#seq += 1;
    const seq = this.#seq;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), answerWithinMs);
      this.#waiting = {
        seq,
        resolve: (reading) => {
          clearTimeout(timer);
          resolve(reading);
        },
      };
      this.#socket.write(`${JSON.stringify({ seq, op: monitorCall })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(answer: Record<string, unknown>): void {
    if (this.#waiting !== null && answer['seq'] === this.#waiting.seq) {
      this.#waiting.resolve(parseMonitorReading(answer));
      this.#waiting = null;
    }
  }
}

function connect(path: string): Promise<Monitor | string> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('error', (error) => resolve(messageOf(error)));
    socket.once('connect', () => resolve(new Monitor(socket)));
  });
}

/** The reference server's virtual device: a process of its own, which goes on when the front hangs. */
export const brokerSource: GpuSource = {
  name: 'the virtual device',
  tellsHostPids: false,
  async open({ deviceMonitor }) {
    if (deviceMonitor === null) {
      return 'the target has none';
    }
    const monitor = await connect(deviceMonitor);
    return typeof monitor === 'string'
      ? monitor
      : {
          async read() {
            const reading = await monitor.read();
            const why = monitor.isGone ? 'is gone' : `did not answer within ${answerWithinMs} ms`;
            return { readings: [toReading(reading)], problems: reading === null ? [`the virtual device ${why}`] : [] };
          },
          close: () => Promise.resolve(monitor.close()),
        };
  },
};
