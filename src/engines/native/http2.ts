import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Call, CallEvents, Carrier, ReplyHeaders, Transfer } from './carrier.ts';
import type { Dial } from './dial.ts';
import { Upload } from './upload.ts';

const streamsPerSession = 100;
/** RFC 9113, 8.2.2: fields of a connection have no place in a request. */
const ofConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'host']);

interface Http2Options {
  dial: Dial;
  clock: Clock;
  url: URL;
  /** Used where the server does not offer HTTP/2. */
  fallback: Carrier;
}

/** The connection is gone and took this stream with it. */
class SessionGone extends Error {
  readonly code = 'ERR_HTTP2_SESSION_GONE';
}

function requestHeaders(call: Call, url: URL): Record<string, string> {
  const own = Object.entries(call.headers).filter(([name]) => !ofConnection.has(name));
  return {
    ':method': call.method,
    ':path': call.path,
    ':scheme': 'https',
    ':authority': call.headers['host'] ?? url.host,
    ...Object.fromEntries(own),
  };
}

function replyHeaders(headers: Readonly<Record<string, string | number | string[] | undefined>>): ReplyHeaders {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith(':'))
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value ?? '')]),
  );
}

interface StreamOf {
  session: ClientHttp2Session;
  call: Call;
  events: CallEvents;
  clock: Clock;
}

/** One stream of a session. */
class StreamTransfer implements Transfer {
  readonly #stream: ClientHttp2Stream;
  readonly #upload: Upload | null;

  constructor(stream: ClientHttp2Stream, { session, call, events, clock }: StreamOf) {
    this.#stream = stream;
    let expected: number | null = null;
    let receivedBytes = 0;
    let isOver = false;
    const end = (error: unknown): void => {
      if (isOver) {
        return;
      }
      isOver = true;
      const isWhole = stream.readableEnded && (expected === null || expected === receivedBytes);
      if (error === null && isWhole && stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted) {
        events.ended();
      } else {
        events.broke(error ?? new SessionGone('The session of HTTP/2 is gone'));
      }
    };
    stream.on('response', (headers) => {
      const length = headers['content-length'];
      expected = length === undefined ? null : Number(length);
      events.head(headers[':status'] ?? 0, replyHeaders(headers));
    });
    stream.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length;
      events.data(chunk);
    });
    stream.on('end', () => {
      // A stream that was cut ends too; why is known only when it closes.
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.destroyed && !session.destroyed) {
        end(null);
      }
    });
    stream.on('error', end);
    stream.on('close', () => end(null));
    this.#upload = this.#send(call, events, clock);
  }

  stopUpload(): void {
    this.#upload?.stop();
  }

  /** Of many streams on a connection one is let go, and not the others with it. */
  destroy(): void {
    this.stopUpload();
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #send(call: Call, events: CallEvents, clock: Clock): Upload | null {
    const stream = this.#stream;
    if (call.bytes === 0) {
      events.bodySent();
      return null;
    }
    return new Upload({
      sink: stream,
      call,
      events,
      clock,
      onHandedOver() {
        stream.once('finish', () => {
          events.progress(call.bytes);
          events.bodySent();
        });
        stream.end();
      },
    });
  }
}

/** A call that has no connection yet. */
class WaitingTransfer implements Transfer {
  readonly call: Call;
  readonly events: CallEvents;
  #inner: Transfer | null = null;
  #isOver = false;

  constructor(call: Call, events: CallEvents) {
    this.call = call;
    this.events = events;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  goOn(inner: Transfer): void {
    this.#inner = inner;
  }

  stopUpload(): void {
    this.#inner?.stopUpload();
  }

  destroy(): void {
    this.#isOver = true;
    this.#inner?.destroy();
  }
}

/** One session of up to 100 streams, and the calls that wait for it to stand. */
class Lane {
  readonly socket: Socket;
  session: ClientHttp2Session | null = null;
  waiting: WaitingTransfer[] = [];
  streams = 0;
  isLeaving = false;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get hasRoom(): boolean {
    const most = this.session?.remoteSettings.maxConcurrentStreams ?? streamsPerSession;
    const isClosed = this.session?.closed === true || this.session?.destroyed === true;
    return !isClosed && !this.isLeaving && this.streams + this.waiting.length < Math.min(streamsPerSession, most);
  }
}

/** HTTP/2 over TLS, chosen by ALPN (RFC 7301); a server without it gets HTTP/1.1 from the first connection on. */
export class Http2 implements Carrier {
  readonly #options: Http2Options;
  readonly #lanes = new Set<Lane>();
  #protocol: 'unknown' | 'h2' | 'http/1.1' = 'unknown';

  constructor(options: Http2Options) {
    this.#options = options;
  }

  send(call: Call, events: CallEvents): Transfer {
    if (this.#protocol === 'http/1.1') {
      return this.#options.fallback.send(call, events);
    }
    const transfer = new WaitingTransfer(call, events);
    this.#route(transfer);
    return transfer;
  }

  close(): void {
    for (const lane of this.#lanes) {
      lane.session?.destroy();
      lane.socket.destroy();
    }
    this.#options.fallback.close();
  }

  #route(transfer: WaitingTransfer): void {
    const lanes = [...this.#lanes];
    // Until one connection has told what the server speaks, all wait for that one.
    const asking = this.#protocol === 'unknown' ? lanes.find((lane) => !lane.isLeaving) : undefined;
    const lane = asking ?? lanes.find((other) => other.hasRoom) ?? this.#open();
    if (lane.session === null) {
      lane.waiting.push(transfer);
    } else {
      this.#start(lane, lane.session, transfer, true);
    }
  }

  #open(): Lane {
    const lane = new Lane(this.#options.dial(['h2', 'http/1.1']));
    const { socket } = lane;
    const refuse = (error: unknown): void => {
      lane.isLeaving = true;
      this.#lanes.delete(lane);
      for (const { events } of lane.waiting.splice(0)) {
        events.broke(error);
      }
    };
    socket.on('error', refuse);
    socket.once('close', () => refuse(null));
    socket.once('secureConnect', () => this.#negotiated(lane));
    this.#lanes.add(lane);
    return lane;
  }

  #negotiated(lane: Lane): void {
    const waiting = lane.waiting.splice(0).filter((transfer) => !transfer.isOver);
    const { alpnProtocol } = lane.socket as TLSSocket;
    if (alpnProtocol !== 'h2') {
      this.#protocol = 'http/1.1';
      lane.isLeaving = true;
      lane.socket.destroy();
      for (const transfer of waiting) {
        transfer.goOn(this.#options.fallback.send(transfer.call, transfer.events));
      }
      return;
    }
    this.#protocol = 'h2';
    const session = connect(this.#options.url, { createConnection: () => lane.socket });
    const leave = (): void => {
      lane.isLeaving = true;
    };
    // Each stream hears of it by itself.
    session.on('error', leave);
    session.on('goaway', leave);
    session.on('close', () => {
      leave();
      this.#lanes.delete(lane);
    });
    lane.session = session;
    for (const transfer of waiting) {
      if (lane.hasRoom) {
        this.#start(lane, session, transfer, false);
      } else {
        this.#route(transfer);
      }
    }
  }

  #start(lane: Lane, session: ClientHttp2Session, transfer: WaitingTransfer, reused: boolean): void {
    const { call, events } = transfer;
    events.connected(reused);
    const stream = session.request(requestHeaders(call, this.#options.url), { endStream: call.bytes === 0 });
    lane.streams += 1;
    stream.once('close', () => {
      lane.streams -= 1;
    });
    transfer.goOn(new StreamTransfer(stream, { session, call, events, clock: this.#options.clock }));
  }
}
