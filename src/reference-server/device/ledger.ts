import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createLedger, type Ledger } from './virtual/accounts.ts';
import { modelled } from './virtual/defaults.ts';
import { createKernelQueue, type KernelQueue } from './virtual/kernel-queue.ts';
import { type Call, createSession } from './virtual/session.ts';

interface Board {
  ledger: Ledger;
  queue: KernelQueue;
  teardownMs: number;
}

function parseCall(line: string): Call {
  try {
    const call: unknown = JSON.parse(line);
    return call !== null && typeof call === 'object' ? call : {};
  } catch {
    return {};
  }
}

async function reply(socket: Socket, call: Call, answer: ReturnType<ReturnType<typeof createSession>['answer']>) {
  const line = JSON.stringify({ seq: call.seq, ...(await answer) });
  if (!socket.destroyed) {
    socket.write(`${line}\n`);
  }
}

function serve({ ledger, queue, teardownMs }: Board, socket: Socket): void {
  const session = createSession(ledger, queue);
  // A holder that was killed shows as a reset; its memory goes back on `close` like any other's.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    session.end();
    if (teardownMs > 0) {
      setTimeout(() => session.close(), teardownMs).unref();
    } else {
      session.close();
    }
  });
  createInterface({ input: socket })
    .on('line', (line) => {
      const call = parseCall(line);
      void reply(socket, call, session.answer(call));
    })
    // It repeats the socket's errors, and one that nobody takes would end the broker.
    .on('error', () => socket.destroy());
}

/**
 * The broker: resolves to its stop function once it listens on the unix socket. Newline JSON; each
 * answer carries the `seq` of its call.
 */
export function startBroker(
  socketPath: string,
  totalBytes: number,
  teardownMs: number = modelled.teardownMs,
): Promise<() => void> {
  const board: Board = { ledger: createLedger(totalBytes), queue: createKernelQueue(), teardownMs };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(board, socket);
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
