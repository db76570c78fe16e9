import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemCodeOf } from '../../base/errors.ts';

/** A write that failed while an answer may still wait in the kernel. */
export interface WriteBreak {
  error: Error;
  atMs: number;
}

type WriteDone = (error?: Error | null) => void;
type CreateConnection = (options: ClientRequestArgs, done?: (error: Error | null, stream: Duplex) => void) => unknown;

// A server that refuses early answers and closes; its answer has arrived, but our next write fails first.
const answerWaitMs = 250;
const breaks = new WeakMap<object, WriteBreak>();

export function writeBreakOf(socket: object | null): WriteBreak | null {
  return socket === null ? null : (breaks.get(socket) ?? null);
}

/** Node destroys a socket as soon as a write fails and loses the answer; the failure is held back meanwhile. */
function holdWriteErrors(socket: Socket, nowMs: () => number): void {
  const hold =
    (done: WriteDone): WriteDone =>
    (error) => {
      const code = systemCodeOf(error);
      if (error === undefined || error === null || (code !== 'EPIPE' && code !== 'ECONNRESET')) {
        done(error);
        return;
      }
      breaks.set(socket, { error, atMs: nowMs() });
      const timer = setTimeout(release, answerWaitMs);
      socket.once('close', release);
      function release(): void {
        clearTimeout(timer);
        socket.off('close', release);
        done(error);
      }
    };
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, hold(done));
  const writev = socket._writev?.bind(socket);
  if (writev !== undefined) {
    socket._writev = (chunks, done) => writev(chunks, hold(done));
  }
}

/** Keep-alive without a bound on sockets: what is in flight is bounded by the plan. */
export function createAgent(protocol: string, nowMs: () => number): Agent {
  const options: AgentOptions & { autoSelectFamilyAttemptTimeout: number } = {
    keepAlive: true,
    maxSockets: Number.POSITIVE_INFINITY,
    // Node gives an address 250 ms and then takes the next; a server with a full accept queue is slower than that.
    autoSelectFamilyAttemptTimeout: 5000,
  };
  const agent = protocol === 'https:' ? new TlsAgent(options) : new Agent(options);
  const connectable = agent as unknown as { createConnection: CreateConnection };
  const connect = connectable.createConnection.bind(agent);
  connectable.createConnection = (request, done) => {
    const socket = connect(request, done) as Socket;
    holdWriteErrors(socket, nowMs);
    return socket;
  };
  return agent;
}
