import type { Writable } from 'node:stream';
import { setImmediate as nextLoopTurn } from 'node:timers/promises';
import { type BodyEncoding, type BodySource, encodedChunks, encodedLength } from './body-encoding.ts';

/** A piece of a body: bytes at hand, or a source, as it is or encoded while it is sent. */
export type BodySegment = { bytes: Uint8Array } | { item: BodySource; encoding?: BodyEncoding };

// Measured on loopback: larger rings are not faster, and memory grows with every open request.
const ringBuffers = 6;
const bufferBytes = 64 * 1024;
// A fast reader would otherwise keep one body on the processor until it is sent, and timers late.
const buffersPerTurn = 4;

/** Bytes of the whole body, for Content-Length. */
export function contentLength(segments: readonly BodySegment[]): number {
  return segments.reduce(
    (sum, segment) => sum + ('item' in segment ? encodedLength(segment.item, segment.encoding) : segment.bytes.length),
    0,
  );
}

function* chunksOf(segments: readonly BodySegment[]): Generator<Uint8Array> {
  for (const segment of segments) {
    if ('item' in segment) {
      yield* encodedChunks(segment.item, segment.encoding);
    } else {
      yield segment.bytes;
    }
  }
}

/** Buffers that come back only when the sink has called back, that is when the kernel has a copy. */
class Ring {
  readonly #sink: Writable;
  readonly #free: Buffer[] = [];
  #made = 0;
  #wake: (() => void) | null = null;
  #failed = false;
  #acceptedBytes = 0;

  constructor(sink: Writable) {
    this.#sink = sink;
  }

  get acceptedBytes(): number {
    return this.#acceptedBytes;
  }

  get failed(): boolean {
    return this.#failed;
  }

  readonly fail = (): void => {
    this.#failed = true;
    this.#wake?.();
  };

  /** null once the sink has failed. */
  async take(): Promise<Buffer | null> {
    while (!this.#failed) {
      const buffer = this.#free.pop();
      if (buffer !== undefined) {
        return buffer;
      }
      if (this.#made < ringBuffers) {
        this.#made += 1;
        return Buffer.allocUnsafeSlow(bufferBytes);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    return null;
  }

  write(buffer: Buffer, bytes: number): void {
    this.#sink.write(buffer.subarray(0, bytes), (error) => {
      if (error !== undefined && error !== null) {
        this.fail();
        return;
      }
      this.#acceptedBytes += bytes;
      this.#free.push(buffer);
      this.#wake?.();
    });
  }
}

async function pump(
  ring: Ring,
  segments: readonly BodySegment[],
  onProgress: (bytes: number) => void,
): Promise<boolean> {
  let buffer: Buffer | null = null;
  let filled = 0;
  let sinceTurn = 0;
  for (const chunk of chunksOf(segments)) {
    let at = 0;
    while (at < chunk.length) {
      buffer ??= await ring.take();
      if (buffer === null || ring.failed) {
        return false;
      }
      const bytes = Math.min(chunk.length - at, bufferBytes - filled);
      buffer.set(chunk.subarray(at, at + bytes), filled);
      at += bytes;
      filled += bytes;
      if (filled === bufferBytes) {
        ring.write(buffer, filled);
        buffer = null;
        filled = 0;
        onProgress(ring.acceptedBytes);
        sinceTurn += 1;
        if (sinceTurn === buffersPerTurn) {
          sinceTurn = 0;
          await nextLoopTurn();
        }
      }
    }
  }
  if (buffer !== null && filled > 0) {
    ring.write(buffer, filled);
  }
  return !ring.failed;
}

/**
 * Writes a body without ever holding more than six buffers of 64 KiB, and does not end the sink.
 * Resolves with true once everything was handed over, with false if the sink closed or the signal came first.
 * `onProgress` gets the bytes that the sink has accepted so far. Rejects only if a source throws.
 */
export async function writeBody(
  sink: Writable,
  segments: readonly BodySegment[],
  options: { signal: AbortSignal; onProgress(bytes: number): void },
): Promise<boolean> {
  const ring = new Ring(sink);
  const { signal } = options;
  sink.once('close', ring.fail);
  signal.addEventListener('abort', ring.fail, { once: true });
  if (signal.aborted || sink.destroyed) {
    ring.fail();
  }
  try {
    return await pump(ring, segments, options.onProgress);
  } finally {
    sink.off('close', ring.fail);
    signal.removeEventListener('abort', ring.fail);
  }
}
