/** As Node's own client: a head that is longer belongs to no server that is well. */
const longestHeadBytes = 16 * 1024;
const longestSizeLine = 1024;
/** Responses that have no body whatever their headers say (RFC 9112, section 6.3). */
const bodyless: readonly number[] = [204, 304];

type State = 'head' | 'length' | 'chunk size' | 'chunk' | 'chunk end' | 'trailer' | 'until close' | 'whole' | 'broken';

export interface ResponseReader {
  readonly state: State;
  /** Takes what came next. `whole`: the response has ended; `broken`: it is no HTTP/1 response. */
  read(bytes: Buffer): 'unfinished' | 'whole' | 'broken';
}

export interface ResponseHandlers {
  status(code: number): void;
  /** A copy, to be kept. */
  data(bytes: Buffer): void;
}

interface Head {
  status: number;
  body: { state: State; lengthBytes: number };
}

function bodyOf(status: number, headers: readonly string[]): Head['body'] {
  const headerNamed = (name: string): string | undefined =>
    headers.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1);
  if (bodyless.includes(status)) {
    return { state: 'whole', lengthBytes: 0 };
  }
  if (/(?:^|,)\s*chunked\s*$/i.test(headerNamed('transfer-encoding') ?? '')) {
    return { state: 'chunk size', lengthBytes: 0 };
  }
  const length = headerNamed('content-length')?.trim();
  if (length === undefined) {
    return { state: 'until close', lengthBytes: 0 };
  }
  return /^\d+$/.test(length)
    ? { state: length === '0' ? 'whole' : 'length', lengthBytes: Number(length) }
    : { state: 'broken', lengthBytes: 0 };
}

/** null: no status line of HTTP/1. */
function parseHead(text: string): Head | null {
  const [first = '', ...headers] = text.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  return status === undefined ? null : { status: Number(status), body: bodyOf(Number(status), headers) };
}

/** Reads one response, whatever the pieces it comes in: RFC 9112, sections 4 to 7. */
export function createResponseReader(handlers: ResponseHandlers): ResponseReader {
  let state: State = 'head';
  let line = '';
  let leftBytes = 0;

  /** Adds up to the end of a line, or of the head; the place behind it, or -1 if it has not come yet. */
  const takeText = (bytes: Buffer, from: number, ending: string, mostBytes: number): number => {
    const searchedFrom = Math.max(0, line.length - ending.length + 1);
    const before = line.length;
    line += bytes.toString('latin1', from, Math.min(bytes.length, from + mostBytes + ending.length));
    const at = line.indexOf(ending, searchedFrom);
    if (at >= 0) {
      line = line.slice(0, at);
      return from + at + ending.length - before;
    }
    if (line.length > mostBytes) {
      state = 'broken';
    }
    return -1;
  };

  const endHead = (): void => {
    const head = parseHead(line);
    if (head === null) {
      state = 'broken';
    } else if (head.status >= 200) {
      // Interim responses come before: another head follows.
      handlers.status(head.status);
      state = head.body.state;
      leftBytes = head.body.lengthBytes;
    }
  };

  const endSizeLine = (): void => {
    const size = /^[0-9a-f]+(?=[\s;]|$)/i.exec(line)?.[0];
    leftBytes = size === undefined ? Number.NaN : Number.parseInt(size, 16);
    state = size === undefined ? 'broken' : leftBytes === 0 ? 'trailer' : 'chunk';
  };

  const endLine = (): void => {
    if (state === 'head') {
      endHead();
    } else if (state === 'chunk size') {
      endSizeLine();
    } else if (state === 'chunk end') {
      state = line === '' ? 'chunk size' : 'broken';
    } else if (line === '') {
      state = 'whole';
    }
    line = '';
  };

  const takeBody = (bytes: Buffer, from: number): number => {
    const end = state === 'until close' ? bytes.length : Math.min(bytes.length, from + leftBytes);
    handlers.data(Buffer.from(bytes.subarray(from, end)));
    if (state !== 'until close') {
      leftBytes -= end - from;
      if (leftBytes === 0) {
        state = state === 'length' ? 'whole' : 'chunk end';
      }
    }
    return end;
  };

  const isOver = (): boolean => state === 'whole' || state === 'broken';
  return {
    get state() {
      return state;
    },
    read(bytes) {
      for (let at = 0; at < bytes.length && !isOver(); ) {
        if (state === 'length' || state === 'chunk' || state === 'until close') {
          at = takeBody(bytes, at);
          continue;
        }
        const isHead = state === 'head';
        const next = takeText(bytes, at, isHead ? '\r\n\r\n' : '\r\n', isHead ? longestHeadBytes : longestSizeLine);
        if (next < 0) {
          break;
        }
        endLine();
        at = next;
      }
      return state === 'whole' || state === 'broken' ? state : 'unfinished';
    },
  };
}
