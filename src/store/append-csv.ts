import { closeSync, fdatasync, fsyncSync, openSync, writeSync } from 'node:fs';
import { type CsvValue, csvLine } from './csv-line.ts';

const rowsPerWrite = 500;
const writeEveryMs = 1000;

/**
 * Appends rows to a CSV file: RFC 4180, UTF-8, `\n`, a header always.
 *
 * Guarantee (PROTOCOL 8.2): after SIGKILL every whole line is good. Rows wait at most one
 * second or 500 rows, and each write is one system call of whole lines on an append descriptor.
 * `sync` asks for them to be put on the disk, `close` waits for it. Readers drop a last line without newline.
 */
export class CsvAppender {
  readonly #descriptor: number;
  readonly #columns: readonly string[];
  #pending: CsvValue[][] = [];
  #timer: NodeJS.Timeout | null = null;
  rows = 0;

  constructor(path: string, columns: readonly string[]) {
    this.#descriptor = openSync(path, 'ax');
    this.#columns = columns;
    writeSync(this.#descriptor, `${columns.join(',')}\n`);
  }

  append(row: CsvValue[]): void {
    if (row.length !== this.#columns.length) {
      throw new Error(`A row of ${row.length} fields for ${this.#columns.length} columns.`);
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
    writeSync(this.#descriptor, text);
  }

  /** Does not wait: a slow disk must not hold up the process that sends. */
  sync(): void {
    this.flush();
    fdatasync(this.#descriptor, () => {
      // A disk that refuses shows at the next write, which throws.
    });
  }

  close(): void {
    this.flush();
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
  }
}
