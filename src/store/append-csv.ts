import { closeSync, fdatasync, fsyncSync, openSync, writeSync } from 'node:fs';
import { type CsvValue, csvLine } from './csv-line.ts';
import { cannotWrite, writeOrSay } from './write-or-say.ts';

const rowsPerWrite = 500;
const writeEveryMs = 1000;

function rethrow(failure: Error): never {
  throw failure;
}

/**
 * Appends rows to a CSV file: RFC 4180, UTF-8, `\n`, a header always.
 *
 * Guarantee (PROTOCOL 8.2): after SIGKILL every whole line is good. Rows wait at most one
 * second or 500 rows, and each write is one system call of whole lines on an append descriptor.
 * `sync` asks for them to be put on the disk, `close` waits for it. Readers drop a last line without newline.
 *
 * A disk that takes only a part of a write leaves a torn line, so nothing is ever written behind it: the first failure
 * is told to `onFailure`, later rows are let go, and `close` throws it.
 */
export class CsvAppender {
  readonly #descriptor: number;
  readonly #path: string;
  readonly #columns: readonly string[];
  readonly #onFailure: (failure: Error) => void;
  #failure: Error | null = null;
  #pending: CsvValue[][] = [];
  #timer: NodeJS.Timeout | null = null;
  rows = 0;

  constructor(path: string, columns: readonly string[], onFailure: (failure: Error) => void = rethrow) {
    this.#path = path;
    this.#columns = columns;
    this.#onFailure = onFailure;
    this.#descriptor = writeOrSay(path, () => openSync(path, 'ax'));
    writeOrSay(path, () => this.#write(`${columns.join(',')}\n`));
  }

  append(row: CsvValue[]): void {
    if (row.length !== this.#columns.length) {
      throw new Error(`A row of ${row.length} fields for ${this.#columns.length} columns.`);
    }
    if (this.#failure !== null) {
      return;
    }
    this.#pending.push(row);
    this.rows += 1;
    if (this.#pending.length >= rowsPerWrite) {
      this.flush();
    } else {
      this.#timer ??= setTimeout(() => this.flush(), writeEveryMs);
    }
  }

  flush(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    if (this.#pending.length === 0) {
      return;
    }
    const text = this.#pending.map(csvLine).join('');
    this.#pending = [];
    try {
      this.#write(text);
    } catch (error: unknown) {
      this.#failure = cannotWrite(this.#path, error);
      this.#onFailure(this.#failure);
    }
  }

  /** A nearly full disk takes a part of it and says how much; only the next call fails. */
  #write(text: string): void {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(this.#descriptor, bytes, written);
    }
  }

  /** Does not wait: a slow disk must not hold up the process that sends. */
  sync(): void {
    this.flush();
    fdatasync(this.#descriptor, () => {
      // A disk that refuses shows at the next write, which throws.
    });
  }

  close(): void {
    try {
      this.flush();
      writeOrSay(this.#path, () => fsyncSync(this.#descriptor));
    } finally {
      closeSync(this.#descriptor);
    }
    if (this.#failure !== null) {
      throw this.#failure;
    }
  }
}
