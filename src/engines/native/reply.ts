import { messageOf } from '../../base/errors.ts';
import { createSseParser, type SseParser } from '../../base/sse.ts';
import type { AdapterOptions, CallAdapter, ReplyCheck, StreamReader } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { ReplyHeaders } from './carrier.ts';

const keptBodyBytes = 4 * 1024 * 1024;

interface ReplyOptions {
  adapter: CallAdapter;
  adapterOptions: AdapterOptions;
  item: CorpusItem;
  status: number;
  headers: ReplyHeaders;
}

interface OpenStream {
  reader: StreamReader;
  parser: SseParser;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The body of one reply: kept up to 4 MiB, or read event by event and not kept. */
export class Reply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly #options: ReplyOptions;
  readonly #kept: Buffer[] = [];
  readonly #stream: OpenStream | null;
  #keptBytes = 0;
  #bytes = 0;
  #events = 0;
  #hasContent = false;
  #failure: Error | null = null;

  constructor(options: ReplyOptions) {
    this.#options = options;
    this.status = options.status;
    this.headers = options.headers;
    this.#stream = this.#openStream();
  }

  /** null for a reply that is no stream. */
  get events(): number | null {
    return this.#stream === null ? null : this.#events;
  }

  /** The first byte of a body, or the first event of a stream that carries output. */
  get hasContent(): boolean {
    return this.#hasContent;
  }

  get text(): string {
    return Buffer.concat(this.#kept).toString('utf8');
  }

  take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#stream !== null) {
      this.#read(this.#stream, chunk);
      return;
    }
    this.#hasContent = true;
    if (this.#keptBytes < keptBodyBytes) {
      // A copy: what is read next lies in the same memory.
      const kept = Buffer.from(chunk.subarray(0, keptBodyBytes - this.#keptBytes));
      this.#kept.push(kept);
      this.#keptBytes += kept.length;
    }
  }

  /** Once, for a 2xx that is whole. Throws what the adapter has thrown. */
  judge(): ReplyCheck {
    const { adapter, adapterOptions, item } = this.#options;
    if (this.#stream === null) {
      const { status, headers } = this;
      const body = this.#kept.length === 1 ? (this.#kept[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#kept);
      return adapter.judge({ status, headers, body, truncated: this.#bytes > body.length }, item, adapterOptions);
    }
    this.#stream.parser.end();
    if (this.#failure !== null) {
      throw this.#failure;
    }
    const check = this.#stream.reader.judge();
    // A reader sees events and no headers.
    return { ...check, route: check.route ?? this.headers['x-route'] ?? null };
  }

  #read({ parser }: OpenStream, chunk: Buffer): void {
    try {
      parser.push(chunk);
    } catch (failure: unknown) {
      this.#failure ??= failure instanceof Error ? failure : new Error(messageOf(failure), { cause: failure });
    }
  }

  #openStream(): OpenStream | null {
    const { adapter, adapterOptions, item } = this.#options;
    if (adapter.readStream === undefined || !isSuccess(this.status)) {
      return null;
    }
    if (!/^text\/event-stream\s*(?:;|$)/i.test(this.headers['content-type'] ?? '')) {
      return null;
    }
    const reader = adapter.readStream(item, adapterOptions);
    const parser = createSseParser((name, data) => {
      this.#events += 1;
      if (reader.event(name, data) === 'content') {
        this.#hasContent = true;
      }
    });
    return { reader, parser };
  }
}
