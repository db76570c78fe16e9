import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { testCertificate, testKey } from './certificate.fixture.ts';

export interface Served {
  url: URL;
  connections(): number;
  close(): Promise<void>;
}

async function serve(
  server: Server | HttpsServer | Http2SecureServer,
  protocol: string,
  host = '127.0.0.1',
): Promise<Served> {
  const sockets = new Set<Socket>();
  let connections = 0;
  (server as Server).on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    url: new URL(`${protocol}://${host}:${(server.address() as AddressInfo).port}/`),
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}

/** Answers the first bytes of each connection with what it is told, which need not be HTTP. */
export function openRawServer(onFirstBytes: (socket: Socket) => void): Promise<Served> {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.resume();
      onFirstBytes(socket);
    });
  });
  return serve(server, 'http');
}

interface PlainRequest extends Readable {
  httpVersion: string;
  method?: string | undefined;
  url?: string | undefined;
}

interface PlainResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(text: string): unknown;
}

export type OnRequest = (request: PlainRequest, response: PlainResponse) => void;

export function openHttpsServer(onRequest: OnRequest, host = '127.0.0.1'): Promise<Served> {
  return serve(createHttpsServer({ key: testKey, cert: testCertificate }, onRequest), 'https', host);
}

/** HTTP/2 over TLS, by requests or by streams. */
export function openHttp2Server(
  on: { request: OnRequest } | { stream: (stream: ServerHttp2Stream) => void },
): Promise<Served> {
  const server = createSecureServer({ key: testKey, cert: testCertificate });
  server.on('sessionError', () => undefined);
  if ('request' in on) {
    server.on('request', on.request);
  } else {
    server.on('stream', on.stream);
  }
  return serve(server, 'https');
}
