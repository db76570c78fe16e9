// Counts what it is sent, answers at the last byte, and knows of each request when its bytes came. Ends when its
// parent does. Speaks just enough HTTP/1.1 for clients that send a length with every body.
import { createServer, type Socket } from 'node:net';
import { monotonicClock } from '../../base/clock.ts';
import type { SinkAsk, SinkFigures } from './sink-messages.ts';

const headEnd = Buffer.from('\r\n\r\n');
const replyBody = '{"text":"done"}';
const reply = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${replyBody.length}\r\n\r\n${replyBody}`,
);
const mostHeadBytes = 64 * 1024;
/** Truth of more requests than this is not kept. */
const mostTruths = 20_000;

const clock = monotonicClock(BigInt(process.argv[2] ?? '0'));
let figures: SinkFigures = emptyFigures();
let delayMs = 0;

function emptyFigures(): SinkFigures {
  return { requests: 0, bytes: 0, firstMs: null, lastMs: null, truths: [] };
}

/** One connection: head, body, reply, and the same again. */
class Line {
  readonly #socket: Socket;
  #head: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #bodyLeft: number | null = null;
  #id: string | null = null;
  #firstByteMs = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  #take(chunk: Buffer<ArrayBufferLike>): void {
    let rest: Buffer<ArrayBufferLike> | null = chunk;
    while (rest !== null && rest.length > 0) {
      rest = this.#bodyLeft === null ? this.#takeHead(rest) : this.#takeBody(rest, this.#bodyLeft);
    }
  }

  #takeHead(chunk: Buffer<ArrayBufferLike>): Buffer<ArrayBufferLike> | null {
    if (this.#head.length === 0) {
      this.#firstByteMs = clock.nowMs();
    }
    const known = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const end = known.indexOf(headEnd);
    if (end < 0) {
      this.#head = known;
      if (known.length > mostHeadBytes) {
        this.#socket.destroy();
      }
      return null;
    }
    const text = known.toString('latin1', 0, end);
    this.#head = Buffer.alloc(0);
    this.#bodyLeft = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
    this.#id = /\r\nx-item: *(\S+)/i.exec(text)?.[1] ?? null;
    const rest = known.subarray(end + headEnd.length);
    return this.#bodyLeft === 0 ? this.#takeBody(rest, 0) : rest;
  }

  #takeBody(chunk: Buffer<ArrayBufferLike>, left: number): Buffer<ArrayBufferLike> {
    const taken = Math.min(left, chunk.length);
    figures.bytes += taken;
    if (taken === left) {
      this.#bodyLeft = null;
      this.#end();
    } else {
      this.#bodyLeft = left - taken;
    }
    return chunk.subarray(taken);
  }

  #end(): void {
    const truth = { id: this.#id, firstByteMs: this.#firstByteMs, lastByteMs: clock.nowMs() };
    figures.requests += 1;
    figures.firstMs ??= truth.firstByteMs;
    figures.lastMs = truth.lastByteMs;
    const answer = (): void => {
      this.#socket.write(reply);
      if (truth.id !== null && figures.truths.length < mostTruths) {
        figures.truths.push({ ...truth, id: truth.id, repliedMs: clock.nowMs() });
      }
    };
    if (delayMs === 0) {
      answer();
    } else {
      setTimeout(answer, delayMs);
    }
  }
}

const server = createServer((socket) => new Line(socket));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: address !== null && typeof address === 'object' ? address.port : 0 });
});
process.on('message', (ask: SinkAsk) => {
  process.send?.({ figures });
  figures = emptyFigures();
  delayMs = ask.delayMs;
});
process.once('disconnect', () => process.exit(0));
