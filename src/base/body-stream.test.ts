import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BodySegment, contentLength, writeBody } from './body-stream.ts';

const chunkBytes = 10_000;

/** Every chunk is the same buffer, as a generator may do it. */
function source(bytes: number): Extract<BodySegment, { item: unknown }> {
  return {
    item: {
      bytes,
      *chunks() {
        const buffer = new Uint8Array(chunkBytes);
        for (let at = 0; at < bytes; at += chunkBytes) {
          buffer.fill((at / chunkBytes) & 255);
          yield buffer.subarray(0, Math.min(chunkBytes, bytes - at));
        }
      },
    },
  };
}

function expected(segments: readonly BodySegment[]): Buffer {
  return Buffer.concat(
    segments.map((segment) => {
      if (!('item' in segment)) {
        return segment.bytes;
      }
      const bytes = Buffer.concat(Array.from(segment.item.chunks(), (chunk) => Buffer.from(chunk)));
      return segment.encoding === 'base64' ? Buffer.from(bytes.toString('base64')) : bytes;
    }),
  );
}

/** Reads each buffer only when it is asked to, as a kernel does that has no room yet. */
function lazySink(): { sink: Writable; take(): boolean; bytes(): Buffer } {
  const got: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const sink = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      waiting.push(() => {
        got.push(Buffer.from(chunk));
        done();
      });
    },
  });
  return {
    sink,
    take() {
      const next = waiting.shift();
      next?.();
      return next !== undefined;
    },
    bytes: () => Buffer.concat(got),
  };
}

function options(signal = new AbortController().signal): Parameters<typeof writeBody>[2] & { seen: number[] } {
  const seen: number[] = [];
  return { signal, seen, onProgress: (bytes) => seen.push(bytes) };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a body written as a stream', () => {
  it('is the segments in their order, whatever their sizes and encodings, though chunks are reused', async () => {
    const segment = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes): BodySegment => ({ bytes })),
      fc.integer({ min: 0, max: 600_000 }).map((bytes): BodySegment => source(bytes)),
      fc.integer({ min: 0, max: 200_000 }).map((bytes): BodySegment => ({ ...source(bytes), encoding: 'base64' })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 4 }), async (segments) => {
        const { sink, take, bytes } = lazySink();
        const writing = writeBody(sink, segments, options());
        for (let idle = 0; idle < 4; idle += 1) {
          idle = take() ? 0 : idle;
          await turns(1);
        }
        expect(await writing).toBe(true);
        expect(bytes().equals(expected(segments))).toBe(true);
        expect(contentLength(segments)).toBe(bytes().length);
      }),
      { numRuns: 30 },
    );
  });

  it('holds at most six buffers while the sink takes nothing', async () => {
    const { sink } = lazySink();
    const before = options();
    const writing = writeBody(sink, [source(24_000_000)], before);
    await turns(30);
    expect(sink.writableLength).toBe(6 * 64 * 1024);
    expect(before.seen.at(-1)).toBe(0);
    sink.destroy();
    expect(await writing).toBe(false);
  });

  it('ends with false when the signal comes, and asks its source for no more', async () => {
    const stop = new AbortController();
    const { sink } = lazySink();
    const writing = writeBody(sink, [source(24_000_000)], options(stop.signal));
    await turns(10);
    stop.abort();
    expect(await writing).toBe(false);
    expect(sink.destroyed).toBe(false);
  });

  it('ends with false on a sink that is closed already', async () => {
    const { sink } = lazySink();
    sink.destroy();
    expect(await writeBody(sink, [{ bytes: new Uint8Array(10) }], options())).toBe(false);
  });

  it('rejects if its source throws', async () => {
    const broken: BodySegment = {
      item: {
        bytes: 10,
        chunks() {
          throw new Error('no bytes');
        },
      },
    };
    await expect(writeBody(lazySink().sink, [broken], options())).rejects.toThrow('no bytes');
  });
});
