import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { DeviceError } from '../device.ts';
import type { Answer } from './session.ts';

/** A connection to the broker. */
export interface Line {
  call(op: string, fields?: Answer): { seq: number; answer: Promise<Answer> };
  close(): void;
}

const deviceLostCode = 719;

class SocketLine implements Line {
  readonly #socket: Socket;
  readonly #onLost: () => void;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: DeviceError): void }>();
  #nextSeq = 1;
  #isClosed = false;

  constructor(socket: Socket, onLost: () => void) {
    this.#socket = socket;
    this.#onLost = onLost;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#lose());
    createInterface({ input: socket })
      .on('line', (text) => {
        const answer = JSON.parse(text) as Answer;
        const seq = Number(answer['seq']);
        this.#waiting.get(seq)?.resolve(answer);
        this.#waiting.delete(seq);
      })
      // It repeats the socket's errors, and one that nobody takes would end the process.
      .on('error', () => socket.destroy());
  }

  call(op: string, fields: Answer = {}): { seq: number; answer: Promise<Answer> } {
    const seq = this.#nextSeq++;
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.#isClosed) {
        reject(new DeviceError(deviceLostCode, 'the virtual device is gone'));
        return;
      }
      this.#waiting.set(seq, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ seq, op, ...fields })}\n`);
    });
    return { seq, answer };
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #lose(): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new DeviceError(deviceLostCode, 'the virtual device is gone'));
    }
    this.#waiting.clear();
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#onLost();
    }
  }
}

/** Connects to the broker; `onLost` is told when the broker goes away. */
export function connectLine(socketPath: string, onLost: () => void): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve(new SocketLine(socket, onLost));
    });
  });
}
