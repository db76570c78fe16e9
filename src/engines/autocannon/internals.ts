import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { BenchError, messageOf } from '../../base/errors.ts';

/** The head of a reply as its parser gives it: names and values take turns in `headers`. */
export interface ReplyHead {
  statusCode: number;
  headers: readonly string[];
  shouldKeepAlive: boolean;
}

/** What a client knows as its socket. */
interface ClientSocket {
  write(request: Buffer): unknown;
  on(event: string, listener: () => void): unknown;
  removeAllListeners(event: string): unknown;
  destroy(): unknown;
}

/** One entry of its queue of requests whose reply is due. */
interface Pending {
  headers: Partial<ReplyHead>;
}

/** The parts of `autocannon/lib/httpClient` that we use; its published types do not know this file. */
export interface AutocannonClient extends EventEmitter {
  conn: ClientSocket;
  parser: {
    initialize(type: string): void;
    execute(chunk: Buffer): number | Error;
    finish(): Error | undefined;
  };
  /** Its queue of requests whose reply is due. */
  pipelinedRequests: {
    insertRequest(): void;
    addByteCount(bytes: number): void;
    setHeaders(head: ReplyHead): void;
    addBody(body: Buffer): void;
    terminateRequest(): Pending | undefined;
    clear(): void;
  };
  requestIterator: { nextRequest(): unknown };
  getRequestBuffer(): Buffer;
  destroy(): void;
  _connect(): void;
  _doRequest(): void;
}

interface ClientOptions {
  hostname: string;
  port: number;
  /** Seconds; long enough never to matter, since the timers are ours. */
  timeout: number;
  setupClient(client: AutocannonClient): void;
}

export interface AutocannonClass {
  new (options: ClientOptions): AutocannonClient;
  prototype: AutocannonClient;
}

export interface Autocannon {
  Client: AutocannonClass;
  version: string;
}

/** The parser's name for what it reads. */
export const replyType = 'RESPONSE';

/** Throws ENGINE_UNAVAILABLE where it is not installed. */
export function loadAutocannon(require: (name: string) => unknown = createRequire(import.meta.url)): Autocannon {
  try {
    const { version } = require('autocannon/package.json') as { version: string };
    return { Client: require('autocannon/lib/httpClient') as AutocannonClass, version };
  } catch (cause: unknown) {
    throw new BenchError('ENGINE_UNAVAILABLE', `autocannon cannot be loaded: ${messageOf(cause).split('\n')[0]}.`, {
      hint: 'Install autocannon 9.0.0, or use --engine native.',
      cause,
    });
  }
}

const noSocket: ClientSocket = { write() {}, on() {}, removeAllListeners() {}, destroy() {} };

function claim(isTrue: boolean, what: string): void {
  if (!isTrue) {
    throw new Error(what);
  }
}

/** A client without a socket, changed as this engine changes it, and what it says and writes. */
function dryClient({ Client }: Autocannon): { client: AutocannonClient; takeSaid(): string } {
  const said: string[] = [];
  const say = (text: string) => (): void => {
    said.push(text);
  };
  const client = new Client({
    hostname: '127.0.0.1',
    port: 80,
    timeout: 1,
    setupClient(made) {
      made._connect = say('connect');
      made._doRequest = say('idle');
      made.getRequestBuffer = () => Buffer.from('request');
      made.requestIterator.nextRequest = say('next');
      made.pipelinedRequests = {
        insertRequest: say('queued'),
        addByteCount: say('bytes'),
        clear: say('cleared'),
        setHeaders: ({ statusCode, headers, shouldKeepAlive }) =>
          said.push(`head ${statusCode} ${headers.join()} ${shouldKeepAlive}`),
        addBody: (body) => said.push(`body ${body.toString()}`),
        terminateRequest() {
          claim(!said.includes('end'), 'a parser that does not begin anew ends one reply again and again');
          said.push('end');
          return { headers: {} };
        },
      };
    },
  });
  client.conn = { ...noSocket, write: (request) => said.push(request.toString()) };
  return { client, takeSaid: () => said.splice(0).join('|') };
}

/** Each claim is one that the engine rests on. */
function rehearse(autocannon: Autocannon): void {
  const { client, takeSaid } = dryClient(autocannon);
  const { parser } = client;
  const send = (): void => autocannon.Client.prototype._doRequest.call(client);
  try {
    claim(takeSaid() === 'connect', 'its first connection is not made by _connect alone');
    send();
    claim(takeSaid() === 'queued|request', 'a first request is not queued and written once');
    parser.execute(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal'));
    claim(takeSaid() === 'head 200 Content-Length,9 true|body hal', 'a reply is told in another way');
    parser.execute(Buffer.from('f-done'));
    claim(takeSaid() === 'body f-done|end|idle', 'the end of a reply is told in another way');
    parser.initialize(replyType);
    send();
    claim(takeSaid() === 'next|queued|request', 'a later request is not queued and written once');
    parser.execute(Buffer.from('HTTP/1.1 413 No\r\nConnection: close\r\n\r\nbig'));
    parser.finish();
    const told = 'head 413 Connection,close false|body big|end|idle';
    claim(takeSaid() === told, 'a parser that began anew, or a reply that ends by a close, is told in another way');
    parser.initialize(replyType);
    claim(parser.execute(Buffer.from('no HTTP\r\n')) instanceof Error, 'what is no HTTP is no error');
  } finally {
    client.destroy();
  }
}

/** Throws ENGINE_UNAVAILABLE, with the version, if autocannon's insides are not as this engine uses them. */
export function checkInternals(autocannon: Autocannon): void {
  try {
    rehearse(autocannon);
  } catch (cause: unknown) {
    throw new BenchError(
      'ENGINE_UNAVAILABLE',
      `autocannon ${autocannon.version} works in another way inside than this engine needs: ${messageOf(cause)}.`,
      { hint: 'Install autocannon 9.0.0, or use --engine native.', cause },
    );
  }
}
