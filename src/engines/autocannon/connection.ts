import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { writeBreakOf } from '../native/dial.ts';
import type { AutocannonClass, AutocannonClient, ReplyHead } from './internals.ts';
import { replyType } from './internals.ts';

/** Whoever has a request on a connection. */
export interface ConnectionUser {
  begin(reused: boolean): void;
  /** The kernel has all that was given to `send`. */
  taken(): void;
  head(head: ReplyHead): void;
  data(chunk: Buffer): void;
  ended(): void;
  broke(error: unknown, atMs?: number): void;
}

export interface ConnectionOptions {
  Client: AutocannonClass;
  url: URL;
  clock: Clock;
  dial(): Socket;
}

const neverSeconds = 1_000_000;
/** An idle connection is not used in the last second that the server keeps it. */
const idleMarginMs = 1000;
const nothing = Buffer.alloc(0);

/** As `EPROTOCOL`, whatever the parser's own word is. */
function protocolError(cause: unknown): Error {
  return Object.assign(new Error('The reply is no HTTP/1.1', { cause }), { code: 'EPROTOCOL' });
}

/**
 * One client of autocannon and the socket under it, for one request at a time. autocannon queues requests, sends
 * them and reads replies. When to connect and to send is ours: its own loop tries a dead port thousands of times a
 * second, and gives the replies of a new socket to requests of the old one.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #client: AutocannonClient;
  #socket: Socket | null = null;
  #user: ConnectionUser | null = null;
  #request: Buffer = nothing;
  /** Of a reply that is whole or on its way; null before its head. */
  #head: ReplyHead | null = null;
  #isWhole = false;
  /** Bytes came behind a whole reply: the next one could not be told from them. */
  #hasMore = false;
  /** For each write on the socket that stands; made once for it. */
  #onWritten: (error?: Error | null) => void = () => undefined;
  /** When the server will drop an idle socket. */
  #idleUntilMs = Number.POSITIVE_INFINITY;

  constructor(options: ConnectionOptions) {
    const { Client, url } = options;
    this.#options = options;
    this.#client = new Client({
      hostname: url.hostname,
      port: Number(url.port === '' ? 80 : url.port),
      timeout: neverSeconds,
      setupClient: (client) => this.#setup(client),
    });
  }

  get socket(): Socket | null {
    return this.#socket;
  }

  /** `begin` is called at once on a connection that stands, else when it does. */
  carry(user: ConnectionUser): void {
    this.#user = user;
    const socket = this.#socket;
    const isUsable = socket?.readable === true && socket.writable && !this.#isPastIdle();
    if (isUsable) {
      user.begin(true);
    } else {
      this.drop();
      this.#user = user;
      this.#connect();
    }
  }

  #isPastIdle(): boolean {
    // Most servers do not say how long, and then the clock need not be read.
    return this.#idleUntilMs !== Number.POSITIVE_INFINITY && this.#options.clock.nowMs() >= this.#idleUntilMs;
  }

  /** A head with its body or without, which is then the caller's to write. */
  send(request: Buffer): void {
    this.#request = request;
    this.#head = null;
    this.#isWhole = false;
    this.#options.Client.prototype._doRequest.call(this.#client);
    if (this.#socket?.writableLength === 0) {
      // As nearly always; the write's own callback would come a turn of the queue later, or after the reply.
      this.#user?.taken();
    }
  }

  /** The request is over; its socket stays for the next one, for as long as the server says (null: it does not). */
  release(keptForSeconds: number | null): void {
    this.#user = null;
    this.#idleUntilMs =
      keptForSeconds === null
        ? Number.POSITIVE_INFINITY
        : this.#options.clock.nowMs() + keptForSeconds * 1000 - idleMarginMs;
  }

  /** The request is over, and so is its socket. */
  drop(): void {
    this.#user = null;
    this.#socket?.destroy();
    this.#socket = null;
  }

  close(): void {
    this.drop();
    this.#client.destroy();
  }

  /** Runs in the constructor of the client, before its first connection. */
  #setup(client: AutocannonClient): void {
    client._connect = () => undefined;
    client._doRequest = () => undefined;
    // It would build each request anew, in four copies, and needs all bodies at hand.
    client.getRequestBuffer = () => this.#request;
    client.requestIterator.nextRequest = () => undefined;
    client.conn = {
      write: (request) => this.#write(request),
      on: () => undefined,
      removeAllListeners: () => undefined,
      destroy: () => undefined,
    };
    client.pipelinedRequests = this.#queue();
  }

  /**
   * In place of autocannon's own, which holds the whole reply as text and reads the clock twice. It is told of each
   * part of a reply just as a listener is, and holds no more than one request.
   */
  #queue(): AutocannonClient['pipelinedRequests'] {
    return {
      insertRequest: () => undefined,
      addByteCount: () => undefined,
      clear: () => undefined,
      setHeaders: (head) => this.#onHead(head),
      addBody: (chunk) => this.#onBody(chunk),
      terminateRequest: () => this.#onReplyEnd(),
    };
  }

  #onHead(head: ReplyHead): void {
    this.#hasMore ||= this.#isWhole;
    this.#head = head;
    if (!this.#hasMore && !isInterim(head.statusCode)) {
      this.#user?.head(head);
    }
  }

  #onBody(chunk: Buffer): void {
    if (!this.#isWhole) {
      this.#user?.data(chunk);
    }
  }

  /** The user hears of the end when the parser has read all that came with it. An interim reply leaves it waiting. */
  #onReplyEnd(): { headers: Partial<ReplyHead> } {
    this.#isWhole ||= this.#head !== null && !isInterim(this.#head.statusCode);
    return { headers: this.#head ?? {} };
  }

  #write(request: Buffer): void {
    this.#request = nothing;
    this.#socket?.write(request, this.#onWritten);
  }

  /** A new socket has a parser that has read nothing. */
  #connect(): void {
    const { url, dial } = this.#options;
    const socket = dial();
    this.#socket = socket;
    this.#onWritten = (error) => {
      if ((error === undefined || error === null) && this.#socket === socket) {
        this.#user?.taken();
      }
    };
    this.#hasMore = false;
    this.#client.parser.initialize(replyType);
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      if (this.#socket === socket) {
        this.#user?.begin(false);
      }
    });
    socket.on('data', (chunk: Buffer) => this.#read(socket, chunk));
    socket.on('end', () => this.#readEnd(socket));
    socket.on('error', (error) => this.#breakOff(socket, error));
    socket.on('close', () => this.#breakOff(socket, null));
  }

  #read(socket: Socket, chunk: Buffer): void {
    if (this.#socket !== socket) {
      return;
    }
    if (this.#user === null) {
      this.drop();
      return;
    }
    const failure = this.#parse(chunk);
    if (this.#isWhole) {
      this.#end(failure !== null || this.#hasMore);
    } else if (failure !== null) {
      this.#breakOff(socket, protocolError(failure));
    }
  }

  #parse(chunk: Buffer): Error | null {
    try {
      const read = this.#client.parser.execute(chunk);
      return read instanceof Error ? read : null;
    } catch (failure: unknown) {
      // Thrown by who reads the reply.
      return failure instanceof Error ? failure : new Error(String(failure));
    }
  }

  #end(isSpoilt: boolean): void {
    const user = this.#user;
    if (isSpoilt) {
      this.drop();
    }
    user?.ended();
  }

  /** A reply without a length is whole when the server closes. */
  #readEnd(socket: Socket): void {
    if (this.#socket === socket) {
      this.#client.parser.finish();
      if (this.#isWhole) {
        this.#end(true);
      } else {
        this.#breakOff(socket, null);
      }
    }
  }

  #breakOff(socket: Socket, error: unknown): void {
    if (this.#socket !== socket) {
      return;
    }
    const user = this.#user;
    const broken = writeBreakOf(socket);
    this.drop();
    if (broken === null) {
      user?.broke(error);
    } else {
      user?.broke(broken.error, broken.atMs);
    }
  }
}

function isInterim(status: number | undefined): boolean {
  return status !== undefined && status < 200;
}
