import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeBody } from '../../base/body-stream.ts';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import type { AdapterOptions, HandOut, ServeAdapter, ServedReply, ServeOptions } from '../../model/adapter.ts';
import type { Board } from './board.ts';

const mostBodyBytes = 16 * 1024 * 1024;

interface BoardServerSetup {
  adapter: ServeAdapter;
  options: AdapterOptions;
  board: Board;
  /** Our own code threw. */
  onFailure(failure: unknown): void;
}

function originOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** null once the body is too large: the rest is not read. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBodyBytes) {
        request.pause();
        chunks.length = 0;
        resolve(null);
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the worker closed the connection')));
  });
}

/** Answers a target's requests over HTTP; what they mean is the adapter's, who has what is the board's. */
export class BoardServer {
  readonly #setup: BoardServerSetup;
  readonly #server: Server;
  readonly #closing = new AbortController();
  #origin = '';
  #refused = 0;

  constructor(setup: BoardServerSetup) {
    this.#setup = setup;
    setMaxListeners(0, this.#closing.signal);
    // A worker that keeps its connections must find them open: no timeout closes an idle one.
    this.#server = createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
    this.#server.on('request', (request, response) => {
      request.on('error', () => response.destroy());
      response.on('error', () => response.destroy());
      void this.#handle(request, response);
    });
  }

  /** Requests that were answered with a 4xx. */
  get refused(): number {
    return this.#refused;
  }

  /** Resolves with our address. Throws ENGINE_UNAVAILABLE. */
  async listen({ host, port }: ServeOptions): Promise<URL> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        const code = systemCodeOf(error) ?? error.message;
        const message = `The job board cannot listen on ${host}:${port}: ${code}.`;
        reject(new BenchError('ENGINE_UNAVAILABLE', message, { hint: 'Name another address or port.', cause: error }));
      });
      this.#server.listen(port, host, resolve);
    });
    this.#origin = originOf(host, (this.#server.address() as AddressInfo).port);
    return new URL(this.#setup.adapter.basePath, this.#origin);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body: Buffer | null;
    try {
      body = await readBody(request);
    } catch {
      response.destroy();
      return;
    }
    try {
      const reply = body === null ? null : this.#replyTo(request, body);
      if (reply === null) {
        response.once('finish', () => request.destroy());
        response.setHeader('connection', 'close');
        this.#sendJson(response, 413, { detail: `A body has at most ${mostBodyBytes} bytes.` });
      } else if ('handOut' in reply) {
        await this.#sendItem(response, reply.status, reply.handOut);
      } else {
        this.#sendJson(response, reply.status, reply.json);
      }
    } catch (failure: unknown) {
      response.destroy();
      this.#setup.onFailure(failure);
    }
  }

  #replyTo(request: IncomingMessage, body: Buffer): ServedReply {
    const { adapter, board, options } = this.#setup;
    const { host, authorization } = request.headers;
    const origin = URL.canParse(`http://${host ?? ''}`) ? new URL(`http://${host ?? ''}`).origin : this.#origin;
    if (!URL.canParse(request.url ?? '', origin)) {
      return { status: 400, json: { detail: 'The path cannot be read.' } };
    }
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', origin);
    const served = { method: request.method ?? '', path, query, origin, authorization: authorization ?? null, body };
    return adapter.reply(served, board, options);
  }

  #sendJson(response: ServerResponse, status: number, value: unknown): void {
    this.#refused += status >= 400 ? 1 : 0;
    const body = JSON.stringify(value);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }

  /** Straight from the corpus, a few buffers at a time, as fast as the worker reads. */
  async #sendItem(response: ServerResponse, status: number, { id, item }: HandOut): Promise<void> {
    const { board } = this.#setup;
    let countedBytes = 0;
    const count = (bytes: number): void => {
      board.sent(id, bytes - countedBytes);
      countedBytes = bytes;
    };
    response.writeHead(status, { 'content-type': item.mediaType, 'content-length': item.bytes });
    const { signal } = this.#closing;
    if (await writeBody(response, [{ item }], { signal, onProgress: count })) {
      response.end(() => {
        count(item.bytes);
        board.fetched(id);
      });
    }
  }
}
