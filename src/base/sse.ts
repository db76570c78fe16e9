/**
 * Most bytes of one line, and of the data of one event: two minutes of speech at 48 kB/s as base64. What goes
 * beyond is cut off, so that an endless line is never held; a reader knows such an event by `isCutEvent`.
 */
export const mostEventBytes = 8 * 1024 * 1024;

/** A line has a field's name before its data. */
const mostLineBytes = mostEventBytes + 64;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const colon = 0x3a;
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/** A parser that gets a stream in pieces of any size; the pieces may be reused after the call. */
export interface SseParser {
  push(chunk: Uint8Array): void;
  /** The stream is over: an event without its blank line is incomplete and never reported, as the standard says. */
  end(): void;
}

/** True for the data of an event that was cut at `mostEventBytes`, so that what is left of it proves nothing. */
export function isCutEvent(data: string): boolean {
  // A cut character becomes a replacement of three bytes, so the text is no shorter than the cut; less the last break.
  return data.length >= mostEventBytes / 4 && Buffer.byteLength(data) >= mostEventBytes - 1;
}

/** Bytes of a line that ended in a later chunk, copied since chunks may be reused; bounded. */
class OpenLine {
  #pieces: Buffer[] = [];
  #bytes = 0;

  add(piece: Uint8Array): void {
    const kept = piece.subarray(0, mostLineBytes - this.#bytes);
    if (kept.length > 0) {
      this.#pieces.push(Buffer.from(kept));
      this.#bytes += kept.length;
    }
  }

  /** The whole line; without earlier pieces it is the last one itself and nothing is copied. */
  take(last: Buffer): Buffer {
    if (this.#bytes === 0) {
      return last.subarray(0, mostLineBytes);
    }
    this.add(last);
    const line = Buffer.concat(this.#pieces, this.#bytes);
    this.clear();
    return line;
  }

  clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }
}

/** Fields of the event that is being read (WHATWG HTML, 9.2.6). */
class OpenEvent {
  readonly #onEvent: (name: string | null, data: string) => void;
  #name = '';
  #data: string[] = [];
  #bytes = 0;

  constructor(onEvent: (name: string | null, data: string) => void) {
    this.#onEvent = onEvent;
  }

  line(line: Buffer): void {
    if (line.length === 0) {
      this.#dispatch();
      return;
    }
    const at = line.indexOf(colon);
    const field = line.toString('latin1', 0, at < 0 ? line.length : at);
    const start = at < 0 ? line.length : at + (line[at + 1] === space ? 2 : 1);
    if (field === 'data') {
      this.#append(line.subarray(start));
    } else if (field === 'event') {
      this.#name = line.toString('utf8', start);
    }
  }

  #append(value: Buffer): void {
    const kept = value.subarray(0, Math.max(0, mostEventBytes - this.#bytes));
    // Lines that are cut away whole must not add up either.
    if (kept.length > 0 || this.#bytes < mostEventBytes) {
      this.#data.push(kept.toString('utf8'));
    }
    this.#bytes += kept.length + 1;
  }

  #dispatch(): void {
    const hasData = this.#data.length > 0;
    const data = this.#data.join('\n');
    const name = this.#name === '' ? null : this.#name;
    this.#name = '';
    this.#data = [];
    this.#bytes = 0;
    if (hasData) {
      this.#onEvent(name, data);
    }
  }
}

/**
 * Reads server-sent events (WHATWG HTML, 9.2) as their bytes come; any split of the bytes gives the same events.
 * `name` is null where the event has none. Comments, `id` and `retry` are passed over. Throws nothing of its own.
 */
export function createSseParser(onEvent: (name: string | null, data: string) => void): SseParser {
  const openLine = new OpenLine();
  const event = new OpenEvent(onEvent);
  let isFirstLine = true;
  let skipsLineFeed = false;
  let hasEnded = false;

  const take = (line: Buffer): void => {
    const isMarked = isFirstLine && line.subarray(0, 3).equals(byteOrderMark);
    isFirstLine = false;
    event.line(isMarked ? line.subarray(3) : line);
  };

  return {
    push(chunk) {
      if (hasEnded || chunk.length === 0) {
        return;
      }
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      let at = skipsLineFeed && bytes[0] === lineFeed ? 1 : 0;
      skipsLineFeed = false;
      // Looked for once and not for each line: most streams have no carriage return at all.
      let nextReturn = bytes.indexOf(carriageReturn, at);
      for (;;) {
        if (nextReturn >= 0 && nextReturn < at) {
          nextReturn = bytes.indexOf(carriageReturn, at);
        }
        const nextFeed = bytes.indexOf(lineFeed, at);
        const end = nextReturn >= 0 && (nextFeed < 0 || nextReturn < nextFeed) ? nextReturn : nextFeed;
        if (end < 0) {
          openLine.add(bytes.subarray(at));
          return;
        }
        take(openLine.take(bytes.subarray(at, end)));
        at = end + 1;
        if (end === nextReturn) {
          skipsLineFeed = at === bytes.length;
          at += bytes[at] === lineFeed ? 1 : 0;
        }
      }
    },

    end() {
      hasEnded = true;
      openLine.clear();
    },
  };
}
