import type { Writable } from 'node:stream';
import { encodedChunks } from '../../base/body-encoding.ts';
import { writeBody } from '../../base/body-stream.ts';
import type { Clock } from '../../base/clock.ts';
import type { Segment } from '../../model/adapter.ts';
import type { Call, CallEvents } from './carrier.ts';

const sliceBytes = 64 * 1024;
/** A paced body leaves in so many pieces per second, so that its rate is even to 50 ms. */
const slicesPerSecond = 20;

function* bodyChunks(segments: readonly Segment[]): Generator<Uint8Array> {
  for (const segment of segments) {
    if ('item' in segment) {
      yield* encodedChunks(segment.item, segment.encoding);
    } else {
      yield segment.bytes;
    }
  }
}

/** A head and the body behind it in one buffer, so that they leave in one packet where they fit. */
export function wholeRequest(head: string, { segments, bytes }: Pick<Call, 'segments' | 'bytes'>): Buffer {
  const request = Buffer.allocUnsafe(head.length + bytes);
  let at = request.write(head, 0, 'latin1');
  for (const segment of segments) {
    for (const chunk of 'item' in segment ? encodedChunks(segment.item, segment.encoding) : [segment.bytes]) {
      request.set(chunk, at);
      at += chunk.length;
    }
  }
  return request;
}

interface UploadOptions {
  sink: Writable;
  call: Call;
  events: CallEvents;
  clock: Clock;
  /** All of it has been written, though the kernel may not have taken all. */
  onHandedOver(): void;
}

/** Writes the body of one call, in the manner of its client. */
export class Upload {
  readonly #options: UploadOptions;
  readonly #stopping = new AbortController();

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#run().catch((failure: unknown) => options.events.failed(failure));
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const { call, events, sink, onHandedOver } = this.#options;
    const { client } = call;
    const share = client?.disconnectAtRatio ?? null;
    const isPlain = share === null && (client?.uploadBytesPerSecond ?? null) === null;
    const isComplete = isPlain
      ? await writeBody(sink, call.segments, {
          signal: this.#stopping.signal,
          onProgress: (bytes) => events.progress(bytes),
        })
      : await this.#slices(share === null ? call.bytes : Math.floor(call.bytes * share));
    if (!isComplete) {
      return;
    }
    if (share !== null) {
      events.disconnected();
      return;
    }
    onHandedOver();
  }

  /** Up to `limitBytes`, one slice after the other; a paced one leaves when a line of that rate would have carried it. */
  async #slices(limitBytes: number): Promise<boolean> {
    const { call, events, clock } = this.#options;
    const { signal } = this.#stopping;
    const rate = call.client?.uploadBytesPerSecond ?? null;
    const most = rate === null ? sliceBytes : Math.min(sliceBytes, Math.max(1, Math.ceil(rate / slicesPerSecond)));
    const startMs = clock.nowMs();
    let sentBytes = 0;
    for (const chunk of bodyChunks(call.segments)) {
      for (let at = 0; at < chunk.length && sentBytes < limitBytes; ) {
        const bytes = Math.min(most, chunk.length - at, limitBytes - sentBytes);
        if (rate !== null) {
          await clock.sleepUntil(startMs + ((sentBytes + bytes) / rate) * 1000, signal);
        }
        // A copy: the source may fill its chunk anew while the kernel has not taken this.
        if (!(await this.#accepted(Buffer.from(chunk.subarray(at, at + bytes))))) {
          return false;
        }
        at += bytes;
        sentBytes += bytes;
        events.progress(sentBytes);
      }
      if (sentBytes >= limitBytes) {
        break;
      }
    }
    return !signal.aborted;
  }

  /** False if the sink failed or this was stopped. */
  #accepted(slice: Buffer): Promise<boolean> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const stop = (): void => resolve(false);
      signal.addEventListener('abort', stop, { once: true });
      this.#options.sink.write(slice, (error) => {
        signal.removeEventListener('abort', stop);
        resolve((error === undefined || error === null) && !signal.aborted);
      });
    });
  }
}
