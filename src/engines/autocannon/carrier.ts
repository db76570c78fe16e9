import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import { writeBody } from '../../base/body-stream.ts';
import type { Clock } from '../../base/clock.ts';
import type { Call, CallEvents, Carrier, ReplyHeaders, Transfer } from '../native/carrier.ts';
import type { Dial } from '../native/dial.ts';
import { wholeRequest } from '../native/upload.ts';
import { Connection, type ConnectionUser } from './connection.ts';
import type { AutocannonClass, ReplyHead } from './internals.ts';

/** Up to this a body leaves in one write with its head, by autocannon; above, it is written past autocannon. */
const wholeBodyBytes = 64 * 1024;
const nothing = Buffer.alloc(0);

function flatHeaders(list: readonly string[]): ReplyHeaders {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = (list[at] ?? '').toLowerCase();
    const earlier = headers[name];
    const value = list[at + 1] ?? '';
    headers[name] = earlier === undefined ? value : `${earlier}, ${value}`;
  }
  return headers;
}

/** For how long an idle connection is kept, where the server says so. */
function keptForSeconds(keepAlive: string | undefined): number | null {
  const seconds = keepAlive === undefined ? undefined : /timeout=(\d{1,9})/.exec(keepAlive)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

function headText({ method, path, headers }: Call, host: string): string {
  const hostLine = headers['host'] === undefined ? `host: ${host}\r\n` : '';
  let text = `${method} ${path} HTTP/1.1\r\n${hostLine}connection: keep-alive\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

class AutocannonTransfer implements Transfer, ConnectionUser {
  readonly #connection: Connection;
  readonly #call: Call;
  readonly #head: string;
  readonly #events: CallEvents;
  /** The connection is free again, with a socket or without. */
  readonly #onFree: () => void;
  #upload: AbortController | null = null;
  #isSent = false;
  #keepsConnection = false;
  #keptForSeconds: number | null = null;
  #isOver = false;

  constructor(
    connection: Connection,
    { call, head, events }: { call: Call; head: string; events: CallEvents },
    onFree: () => void,
  ) {
    this.#connection = connection;
    this.#call = call;
    this.#head = head;
    this.#events = events;
    this.#onFree = onFree;
  }

  begin(reused: boolean): void {
    this.#events.connected(reused);
    if (this.#call.bytes <= wholeBodyBytes) {
      this.#sendWhole();
    } else {
      this.#sendStreamed();
    }
  }

  #sendWhole(): void {
    let request: Buffer;
    try {
      request = wholeRequest(this.#head, this.#call);
    } catch (failure: unknown) {
      // Not before the carrier's `send` has returned.
      queueMicrotask(() => this.#events.failed(failure));
      return;
    }
    this.#connection.send(request, () => this.#sent());
  }

  #sendStreamed(): void {
    this.#connection.send(Buffer.from(this.#head, 'latin1'), null);
    const { socket } = this.#connection;
    if (socket === null) {
      return;
    }
    this.#upload = new AbortController();
    this.#writeBody(socket, this.#upload.signal).catch((failure: unknown) => this.#events.failed(failure));
  }

  async #writeBody(socket: Socket, signal: AbortSignal): Promise<void> {
    const isHandedOver = await writeBody(socket, this.#call.segments, {
      signal,
      onProgress: (bytes) => this.#events.progress(bytes),
    });
    if (isHandedOver) {
      // Called back in its turn, behind the last of the body.
      socket.write(nothing, (error) => {
        if (error === undefined || error === null) {
          this.#sent();
        }
      });
    }
  }

  /** The kernel has all of the body. */
  #sent(): void {
    if (!this.#isOver) {
      this.#isSent = true;
      this.#events.progress(this.#call.bytes);
      this.#events.bodySent();
    }
  }

  head(head: ReplyHead): void {
    const headers = flatHeaders(head.headers);
    this.#keepsConnection = head.shouldKeepAlive;
    this.#keptForSeconds = keptForSeconds(headers['keep-alive']);
    this.#events.head(head.statusCode, headers);
  }

  data(chunk: Buffer): void {
    this.#events.data(chunk);
  }

  /** The connection is free before the caller hears of the end and makes the next call. */
  ended(): void {
    if (this.#end()) {
      this.#events.ended();
    }
  }

  broke(error: unknown, atMs?: number): void {
    if (this.#end()) {
      this.#events.broke(error, atMs);
    }
  }

  stopUpload(): void {
    this.#upload?.abort();
  }

  destroy(): void {
    this.#keepsConnection = false;
    this.#end();
  }

  /** False if it was over before. */
  #end(): boolean {
    if (this.#isOver) {
      return false;
    }
    this.#isOver = true;
    if (this.#isSent && this.#keepsConnection) {
      this.#connection.release(this.#keptForSeconds);
    } else {
      this.stopUpload();
      this.#connection.drop();
    }
    this.#onFree();
    return true;
  }
}

interface CarrierOptions {
  Client: AutocannonClass;
  url: URL;
  clock: Clock;
  dial: Dial;
}

/** HTTP/1.1 by clients of autocannon, the one used last first; their number is bounded by the plan. */
export class AutocannonCarrier implements Carrier {
  readonly #options: CarrierOptions;
  /** A URL puts it together each time it is asked. */
  readonly #host: string;
  readonly #all: Connection[] = [];
  readonly #free: Connection[] = [];

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#host = options.url.host;
  }

  send(call: Call, events: CallEvents): Transfer {
    const { Client, url, clock, dial } = this.#options;
    const head = headText(call, this.#host);
    let connection = this.#free.pop();
    if (connection === undefined) {
      connection = new Connection({ Client, url, clock, dial: () => dial(['http/1.1']) });
      this.#all.push(connection);
    }
    const used = connection;
    const transfer = new AutocannonTransfer(used, { call, head, events }, () => this.#free.push(used));
    used.carry(transfer);
    return transfer;
  }

  close(): void {
    for (const connection of this.#all) {
      connection.close();
    }
  }
}
