import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Call, CallEvents, Carrier, Transfer } from './carrier.ts';
import { type Dial, writeBreakOf } from './dial.ts';
import { ReplyParser } from './reply-parser.ts';
import { Upload } from './upload.ts';
import { type WrittenCall, WrittenCalls } from './written-calls.ts';

/** An idle connection is not used in the last second that the server keeps it. */
const idleMarginMs = 1000;
const empty = Buffer.alloc(0);

/** A connection and the call that it carries, if any. */
class Connection {
  readonly socket: Socket;
  /** When the server will drop it. */
  idleUntilMs = Number.POSITIVE_INFINITY;
  #call: Http1Transfer | null = null;
  #isUp = false;

  constructor(socket: Socket, connectEvent: string, onGone: () => void) {
    this.socket = socket;
    socket.once(connectEvent, () => {
      this.#isUp = true;
      this.#call?.begin(false);
    });
    socket.on('data', (chunk: Buffer) => {
      if (this.#call === null) {
        socket.destroy();
      } else {
        this.#call.read(chunk);
      }
    });
    socket.on('end', () => this.#call?.readEnd());
    socket.on('error', (error) => this.#call?.breakOff(error));
    socket.on('close', () => {
      this.#call?.breakOff(null);
      onGone();
    });
  }

  carry(call: Http1Transfer): void {
    this.#call = call;
    if (this.#isUp) {
      call.begin(true);
    }
  }

  letGo(): void {
    this.#call = null;
  }

  isUsable(nowMs: number): boolean {
    return !this.socket.destroyed && this.socket.readable && this.socket.writable && nowMs < this.idleUntilMs;
  }
}

interface Http1Options {
  dial: Dial;
  clock: Clock;
  url: URL;
}

class Http1Transfer implements Transfer {
  readonly #connection: Connection;
  readonly #call: Call;
  readonly #written: WrittenCall;
  readonly #events: CallEvents;
  readonly #clock: Clock;
  readonly #parser: ReplyParser;
  readonly #onFree: (parser: ReplyParser) => void;
  #upload: Upload | null = null;
  /** Bytes on the connection once this body is written. */
  #bytesAtEnd = Number.POSITIVE_INFINITY;
  #isSent = false;
  #isOver = false;

  constructor(
    connection: Connection,
    { call, written, events, clock }: { call: Call; written: WrittenCall; events: CallEvents; clock: Clock },
    onFree: (parser: ReplyParser) => void,
  ) {
    this.#connection = connection;
    this.#call = call;
    this.#written = written;
    this.#events = events;
    this.#clock = clock;
    this.#onFree = onFree;
    this.#parser = new ReplyParser(events);
  }

  begin(reused: boolean): void {
    const { socket } = this.#connection;
    this.#events.connected(reused);
    if (this.#written.isSmall) {
      this.#sendAtOnce();
      return;
    }
    socket.write(this.#written.head, 'latin1');
    this.#bytesAtEnd = socket.bytesWritten + this.#call.bytes;
    this.#upload = new Upload({
      sink: socket,
      call: this.#call,
      events: this.#events,
      clock: this.#clock,
      // Called back in its turn, behind the last of the body.
      onHandedOver: () => {
        socket.write(empty, (error) => {
          if (error === undefined || error === null) {
            this.#sent();
          }
        });
      },
    });
  }

  #sendAtOnce(): void {
    let request: Buffer;
    try {
      request = this.#written.whole();
    } catch (failure: unknown) {
      // Not before `send` has returned.
      queueMicrotask(() => this.#events.failed(failure));
      return;
    }
    this.#connection.socket.write(request, (error) => {
      if (error === undefined || error === null) {
        this.#sent();
      }
    });
  }

  #sent(): void {
    if (!this.#isSent) {
      this.#isSent = true;
      this.#events.progress(this.#call.bytes);
      this.#events.bodySent();
    }
  }

  /** A reply may be here before the loop comes to the callback of our last write. */
  #noteTaken(): void {
    const { socket } = this.#connection;
    if (!this.#isSent && socket.bytesWritten - socket.writableLength >= this.#bytesAtEnd) {
      this.#sent();
    }
  }

  read(chunk: Buffer): void {
    this.#noteTaken();
    try {
      this.#parser.push(chunk);
    } catch (error: unknown) {
      this.breakOff(error);
      this.#connection.socket.destroy();
      return;
    }
    if (this.#parser.isDone) {
      this.#end();
    }
  }

  readEnd(): void {
    if (this.#parser.finish()) {
      this.#end();
    } else {
      this.breakOff(null);
      this.#connection.socket.destroy();
    }
  }

  breakOff(error: unknown): void {
    if (this.#isOver) {
      return;
    }
    this.#isOver = true;
    const broken = writeBreakOf(this.#connection.socket);
    if (broken === null) {
      this.#events.broke(error);
    } else {
      this.#events.broke(broken.error, broken.atMs);
    }
  }

  stopUpload(): void {
    this.#upload?.stop();
  }

  destroy(): void {
    this.#isOver = true;
    this.stopUpload();
    this.#connection.socket.destroy();
  }

  /** The connection is free for the next call before this one's caller hears of its end and makes that. */
  #end(): void {
    if (this.#isOver) {
      return;
    }
    this.#isOver = true;
    this.#connection.letGo();
    if (this.#isSent && this.#parser.keepsConnection) {
      this.#onFree(this.#parser);
    } else {
      this.stopUpload();
      this.#connection.socket.destroy();
    }
    this.#events.ended();
  }
}

/** HTTP/1.1 with connections that are kept, the one used last first; their number is bounded by the plan. */
export class Http1 implements Carrier {
  readonly #options: Http1Options;
  readonly #written: WrittenCalls;
  readonly #all = new Set<Connection>();
  #free: Connection[] = [];

  constructor(options: Http1Options) {
    this.#options = options;
    this.#written = new WrittenCalls(options.url);
  }

  send(call: Call, events: CallEvents): Transfer {
    const { clock } = this.#options;
    const written = this.#written.of(call);
    const connection = this.#takeFree() ?? this.#open();
    const transfer = new Http1Transfer(connection, { call, written, events, clock }, (parser) => {
      const kept = parser.keptForSeconds;
      connection.idleUntilMs = kept === null ? Number.POSITIVE_INFINITY : clock.nowMs() + kept * 1000 - idleMarginMs;
      this.#free.push(connection);
    });
    connection.carry(transfer);
    return transfer;
  }

  close(): void {
    for (const connection of this.#all) {
      connection.socket.destroy();
    }
  }

  #takeFree(): Connection | null {
    for (let connection = this.#free.pop(); connection !== undefined; connection = this.#free.pop()) {
      if (connection.isUsable(this.#options.clock.nowMs())) {
        return connection;
      }
      connection.socket.destroy();
    }
    return null;
  }

  #open(): Connection {
    const { dial, url } = this.#options;
    const connectEvent = url.protocol === 'https:' ? 'secureConnect' : 'connect';
    const connection = new Connection(dial(['http/1.1']), connectEvent, () => {
      this.#all.delete(connection);
      this.#free = this.#free.filter((free) => free !== connection);
    });
    this.#all.add(connection);
    return connection;
  }
}
