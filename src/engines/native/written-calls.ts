import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Call } from './carrier.ts';
import { wholeRequest } from './upload.ts';

/** Up to this a body leaves in one write with its head, and is held until then. */
const oneWriteBytes = 64 * 1024;
/** All kept requests together; of what comes then each is written anew. */
const mostKeptBytes = 8 * 1024 * 1024;

/** Throws for a header that cannot be written. */
function headText({ method, path, headers }: Call, host: string): string {
  let text = `${method} ${path} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries({ host, connection: 'keep-alive', ...headers })) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

/** A call as HTTP/1.1 has it. */
export class WrittenCall {
  readonly head: string;
  /** Its body leaves with the head. */
  readonly isSmall: boolean;
  readonly #call: Call;
  #whole: Buffer | null = null;

  constructor(call: Call, host: string) {
    this.head = headText(call, host);
    this.isSmall = call.bytes <= oneWriteBytes && call.client === null;
    this.#call = call;
  }

  /** Head and body; throws what the source of the body throws. */
  whole(): Buffer {
    this.#whole ??= wholeRequest(this.head, this.#call);
    return this.#whole;
  }
}

/** Small requests are written once and sent many times. */
export class WrittenCalls {
  /** A URL puts it together each time it is asked. */
  readonly #host: string;
  readonly #kept = new Map<Call, WrittenCall>();
  #keptBytes = 0;

  constructor(url: URL) {
    this.#host = url.host;
  }

  of(call: Call): WrittenCall {
    return this.#kept.get(call) ?? this.#write(call);
  }

  #write(call: Call): WrittenCall {
    const written = new WrittenCall(call, this.#host);
    const heldBytes = 2 * written.head.length + call.bytes;
    if (call.isKept && written.isSmall && this.#keptBytes + heldBytes <= mostKeptBytes) {
      this.#keptBytes += heldBytes;
      this.#kept.set(call, written);
    }
    return written;
  }
}
