import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** An event of a streamed reply, so long after the one before it. */
interface SlowEvent {
  afterMs: number;
  data: string;
}

/** What the sink does with one request; all but the last two read its body first. */
export type Manners =
  | { do: 'answer'; delayMs?: number; status?: number; body?: string; headers?: Record<string, string> }
  | { do: 'fin' }
  | { do: 'rst' }
  | { do: 'fin-mid-body' }
  /** No HTTP at all, and the connection stays open. */
  | { do: 'garbage' }
  /** One byte at a time of a body of 1000. */
  | { do: 'trickle'; everyMs: number }
  | { do: 'answer-bytes'; bytes: number }
  /** Server-sent events; then the stream ends in order, its connection breaks, or nothing more comes. */
  | { do: 'stream'; events: readonly SlowEvent[]; ending: 'end' | 'fin' | 'silence' }
  | { do: 'early-413' }
  | { do: 'never-read' };

export interface SinkOptions {
  tls?: { key: string; cert: string };
  /** What becomes of each connection before anything is read from it. */
  onConnection?: (index: number) => 'serve' | 'fin' | 'rst';
}

export interface Sink {
  url: URL;
  /** When each request's head arrived, ms on `performance.now()`. */
  arrivalsMs: readonly number[];
  /** Body bytes read of each request, in order of arrival. */
  bodyBytes: readonly number[];
  /** Resolves with the first request. */
  firstArrival: Promise<void>;
  sockets(): number;
  /** Connections accepted so far. */
  connections(): number;
  maxInFlight(): number;
  /** Resets every connection and stops listening: the server was killed. */
  die(): Promise<void>;
  /** Listens again where it did. */
  rise(): Promise<void>;
  close(): Promise<void>;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** An HTTP server on loopback that misbehaves as told; `manners` gets the number of the request, from 0. */
export async function openSink(
  manners: (index: number, request: IncomingMessage) => Manners,
  { tls, onConnection = () => 'serve' }: SinkOptions = {},
): Promise<Sink> {
  const arrivalsMs: number[] = [];
  const bodyBytes: number[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let inFlight = 0;
  let maxInFlight = 0;
  let markFirst: () => void = () => undefined;
  const firstArrival = new Promise<void>((resolve) => {
    markFirst = resolve;
  });
  const onRequest: RequestListener = (request, response) => {
    const index = arrivalsMs.length;
    arrivalsMs.push(performance.now());
    bodyBytes.push(0);
    markFirst();
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
  };
  const settings = { keepAliveTimeout: 60_000, requestTimeout: 0 };
  const server =
    tls === undefined ? createServer(settings, onRequest) : createTlsServer({ ...settings, ...tls }, onRequest);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    const way = onConnection(connections);
    connections += 1;
    if (way === 'fin') {
      socket.destroy();
    } else if (way === 'rst') {
      socket.resetAndDestroy();
    }
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const stop = (letGo: (socket: Socket) => void): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) {
        letGo(socket);
      }
    });
  return {
    url: new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`),
    arrivalsMs,
    bodyBytes,
    firstArrival,
    sockets: () => sockets.size,
    connections: () => connections,
    maxInFlight: () => maxInFlight,
    die: () => stop((socket) => socket.resetAndDestroy()),
    rise: () => listen(server, port),
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
    case 'answer':
      answer(way, response);
      return;
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
    case 'garbage':
      socket.write('220 this server speaks of mail\r\n');
      return;
    case 'trickle':
      response.writeHead(200, { 'content-length': 1000 });
      repeat(response, way.everyMs, () => response.write('x'));
      return;
    case 'answer-bytes':
      answerBytes(way.bytes, response);
      return;
    case 'stream':
      stream(way, socket, response);
      return;
  }
}

function repeat(response: ServerResponse, everyMs: number, action: () => void): void {
  const timer = setInterval(action, everyMs);
  response.once('close', () => clearInterval(timer));
}

function after(response: ServerResponse, delayMs: number, action: () => void): void {
  const timer = setTimeout(action, delayMs);
  response.once('close', () => clearTimeout(timer));
}

function answer(way: Extract<Manners, { do: 'answer' }>, response: ServerResponse): void {
  const body = way.body ?? '{"text":"done"}';
  const reply = (): void => {
    response.writeHead(way.status ?? 200, { 'content-length': Buffer.byteLength(body), ...way.headers });
    response.end(body);
  };
  if (way.delayMs === undefined) {
    reply();
  } else {
    after(response, way.delayMs, reply);
  }
}

/** One piece of memory for all of it, written no faster than it is read. */
function answerBytes(bytes: number, response: ServerResponse): void {
  const piece = Buffer.alloc(1_000_000, 'a');
  let left = bytes;
  response.writeHead(200, { 'content-length': bytes });
  const more = (): void => {
    let hasRoom = true;
    while (hasRoom && left > 0) {
      const size = Math.min(left, piece.length);
      left -= size;
      hasRoom = response.write(piece.subarray(0, size));
    }
    if (left === 0) {
      response.end();
    } else {
      response.once('drain', more);
    }
  };
  more();
}

function stream(way: Extract<Manners, { do: 'stream' }>, socket: Socket, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  const next = (index: number): void => {
    const event = way.events[index];
    if (event !== undefined) {
      after(response, event.afterMs, () => {
        response.write(`data: ${event.data}\n\n`);
        next(index + 1);
      });
    } else if (way.ending === 'end') {
      response.end();
    } else if (way.ending === 'fin') {
      socket.end();
    }
  };
  next(0);
}
