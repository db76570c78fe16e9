import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What the sink does with one request. */
export type Manners =
  | { do: 'answer'; delayMs?: number; status?: number; body?: string; headers?: Record<string, string> }
  | { do: 'fin' }
  | { do: 'rst' }
  | { do: 'fin-mid-body' }
  | { do: 'early-413' }
  | { do: 'never-read' };

export interface Sink {
  url: URL;
  /** When each request's head arrived, ms on `performance.now()`. */
  arrivalsMs: readonly number[];
  /** Body bytes read of each request, in order of arrival. */
  bodyBytes: readonly number[];
  sockets(): number;
  maxInFlight(): number;
  /** Resets every connection and stops listening: the server was killed. */
  die(): Promise<void>;
  close(): Promise<void>;
}

/** An HTTP server on loopback that misbehaves as told; `manners` gets the number of the request, from 0. */
export async function openSink(manners: (index: number, request: IncomingMessage) => Manners): Promise<Sink> {
  const arrivalsMs: number[] = [];
  const bodyBytes: number[] = [];
  const sockets = new Set<Socket>();
  let inFlight = 0;
  let maxInFlight = 0;
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    const index = arrivalsMs.length;
    arrivalsMs.push(performance.now());
    bodyBytes.push(0);
    inFlight += 1;
    maxInFlight = Math.max(maxInFlight, inFlight);
    response.once('close', () => {
      inFlight -= 1;
    });
    const way = manners(index, request);
    if (way.do === 'early-413') {
      refuseEarly(request, response);
    } else if (way.do !== 'never-read') {
      request.on('data', (chunk: Buffer) => {
        bodyBytes[index] = (bodyBytes[index] ?? 0) + chunk.length;
      });
      request.once('end', () => behave(way, request.socket, response));
    }
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (letGo: (socket: Socket) => void): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) {
        letGo(socket);
      }
    });
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    arrivalsMs,
    bodyBytes,
    sockets: () => sockets.size,
    maxInFlight: () => maxInFlight,
    die: () => stop((socket) => socket.resetAndDestroy()),
    close: () => stop((socket) => socket.destroy()),
  };
}

function refuseEarly(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(413, { connection: 'close', 'content-type': 'application/json' });
  response.end('{"error":{"message":"too large","code":"payload_too_large"}}', () => request.socket.destroy());
}

function behave(
  way: Exclude<Manners, { do: 'early-413' | 'never-read' }>,
  socket: Socket,
  response: ServerResponse,
): void {
  switch (way.do) {
    case 'answer': {
      const body = way.body ?? '{"text":"done"}';
      const reply = (): void => {
        response.writeHead(way.status ?? 200, { 'content-length': Buffer.byteLength(body), ...way.headers });
        response.end(body);
      };
      if (way.delayMs === undefined) {
        reply();
      } else {
        const timer = setTimeout(reply, way.delayMs);
        response.once('close', () => clearTimeout(timer));
      }
      return;
    }
    case 'fin':
      socket.end();
      return;
    case 'rst':
      socket.resetAndDestroy();
      return;
    case 'fin-mid-body':
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"text":"half of an answer');
      setImmediate(() => socket.end());
      return;
  }
}
