import type { Socket } from 'node:net';
import { writeBody } from '../../base/body-stream.ts';
import type { Clock } from '../../base/clock.ts';
import type { Call, CallEvents, Carrier, Transfer } from '../native/carrier.ts';
import type { Dial } from '../native/dial.ts';
import { type WrittenCall, WrittenCalls } from '../native/written-calls.ts';
import { Connection, type ConnectionUser } from './connection.ts';
import type { AutocannonClass, ReplyHead } from './internals.ts';
import { HeadReader, type ReadHead } from './read-head.ts';

const nothing = Buffer.alloc(0);

interface TransferOptions {
  call: Call;
  written: WrittenCall;
  events: CallEvents;
  heads: HeadReader;
  /** The connection is free again, with a socket or without. */
  free: Connection[];
}

class AutocannonTransfer implements Transfer, ConnectionUser {
  readonly #connection: Connection;
  readonly #options: TransferOptions;
  readonly #events: CallEvents;
  #upload: AbortController | null = null;
  #isSent = false;
  #head: ReadHead | null = null;
  #isDestroyed = false;
  #isOver = false;

  constructor(connection: Connection, options: TransferOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#events = options.events;
  }

  begin(reused: boolean): void {
    this.#events.connected(reused);
    if (this.#options.written.isSmall) {
      this.#sendWhole();
    } else {
      this.#sendStreamed();
    }
  }

  #sendWhole(): void {
    let request: Buffer;
    try {
      request = this.#options.written.whole();
    } catch (failure: unknown) {
      // Not before the carrier's `send` has returned.
      queueMicrotask(() => this.#events.failed(failure));
      return;
    }
    this.#connection.send(request);
  }

  #sendStreamed(): void {
    this.#upload = new AbortController();
    this.#connection.send(Buffer.from(this.#options.written.head, 'latin1'));
    const { socket } = this.#connection;
    if (socket === null) {
      return;
    }
    this.#writeBody(socket, this.#upload.signal).catch((failure: unknown) => this.#events.failed(failure));
  }

  async #writeBody(socket: Socket, signal: AbortSignal): Promise<void> {
    const isHandedOver = await writeBody(socket, this.#options.call.segments, {
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

  /** The kernel has all that the connection was given. */
  taken(): void {
    if (this.#upload === null) {
      this.#sent();
    }
  }

  /** The kernel has all of the body. */
  #sent(): void {
    if (!this.#isOver && !this.#isSent) {
      this.#isSent = true;
      this.#events.progress(this.#options.call.bytes);
      this.#events.bodySent();
    }
  }

  head(head: ReplyHead): void {
    this.#head = this.#options.heads.read(head);
    this.#events.head(head.statusCode, this.#head.headers);
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
    this.#isDestroyed = true;
    this.#end();
  }

  /** False if it was over before. */
  #end(): boolean {
    if (this.#isOver) {
      return false;
    }
    this.#isOver = true;
    if (this.#isSent && !this.#isDestroyed && this.#head?.keepsConnection === true) {
      this.#connection.release(this.#head.keptForSeconds);
    } else {
      this.stopUpload();
      this.#connection.drop();
    }
    this.#options.free.push(this.#connection);
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
  readonly #written: WrittenCalls;
  readonly #heads = new HeadReader();
  readonly #all: Connection[] = [];
  readonly #free: Connection[] = [];

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#written = new WrittenCalls(options.url);
  }

  send(call: Call, events: CallEvents): Transfer {
    const { Client, url, clock, dial } = this.#options;
    const written = this.#written.of(call);
    let connection = this.#free.pop();
    if (connection === undefined) {
      connection = new Connection({ Client, url, clock, dial: () => dial(['http/1.1']) });
      this.#all.push(connection);
    }
    const transfer = new AutocannonTransfer(connection, {
      call,
      written,
      events,
      heads: this.#heads,
      free: this.#free,
    });
    connection.carry(transfer);
    return transfer;
  }

  close(): void {
    for (const connection of this.#all) {
      connection.close();
    }
  }
}
