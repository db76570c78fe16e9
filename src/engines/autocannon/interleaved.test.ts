import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { monotonicClock } from '../../base/clock.ts';
import type { CallAdapter } from '../../model/adapter.ts';
import { anyOptions, openRows, rawAdapter } from '../../testing/contract-rows.ts';
import { native } from '../native/native.ts';
import { autocannon } from './autocannon.ts';

/** More than is read at once, so that no body is seen whole. */
const pieceBytes = 100_000;
const pieces = 5;
const requests = 4;

function pieceOf(request: number, piece: number): string {
  return String.fromCharCode(97 + request * pieces + piece).repeat(pieceBytes);
}

/** Each connection is answered piece after piece, in turns with all others. */
function answerInTurns(sockets: readonly Socket[]): void {
  for (const socket of sockets) {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${pieceBytes * pieces}\r\n\r\n`);
  }
  for (let piece = 0; piece < pieces; piece += 1) {
    setTimeout(() => {
      for (const [index, socket] of sockets.entries()) {
        socket.write(pieceOf(index, piece));
      }
    }, piece * 10);
  }
}

/** Each letter with how often it follows itself: half a megabyte of text is no failure message. */
function runsOf(text: string): string {
  return [...text.matchAll(/(.)\1*/g)].map(([run, letter]) => `${letter} ${run.length}`).join();
}

describe('replies that come in turns on several connections', () => {
  let server: Server | null = null;
  afterEach(async () => {
    await new Promise<unknown>((resolve) => (server === null ? resolve(null) : server.close(resolve)));
    server = null;
  });

  async function bodiesSeenBy(engine: typeof native): Promise<string[]> {
    const waiting: Socket[] = [];
    const listening = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        if (waiting.push(socket) === requests) {
          answerInTurns(waiting);
        }
      });
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const bodies: string[] = [];
    const adapter: CallAdapter = {
      ...rawAdapter,
      judge(reply) {
        bodies.push(Buffer.from(reply.body).toString());
        return { ok: true, check: 'none', answerDigest: null, route: null };
      },
    };
    const clock = monotonicClock();
    const session = engine.open({
      url: new URL(`http://127.0.0.1:${(listening.address() as AddressInfo).port}/`),
      adapter,
      adapterOptions: anyOptions,
      headers: {},
      clock,
      tlsAuthorities: null,
      folder: '',
      onRecord: () => undefined,
    });
    const startMs = clock.nowMs();
    await session.runStage(openRows(Array<number>(requests).fill(0)), startMs, startMs);
    while (session.inFlight() > 0) {
      await clock.sleepUntil(clock.nowMs() + 2);
    }
    await session.close();
    return bodies;
  }

  it.each([native, autocannon])('are kept apart, though they are read into one buffer: $id', async (engine) => {
    const bodies = await bodiesSeenBy(engine);
    const whole = Array.from({ length: requests }, (_, request) =>
      Array.from({ length: pieces }, (__, piece) => pieceOf(request, piece)).join(''),
    );
    expect(bodies.toSorted().map(runsOf)).toEqual(whole.map(runsOf));
  });
});
