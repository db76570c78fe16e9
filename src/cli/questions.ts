import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { BenchError } from '../base/errors.ts';

/** Asks until an answer is taken; an empty one is the usual answer. */
export interface Questions {
  /** `check` throws a BenchError for an answer that cannot be taken. Throws USAGE where the input ends. */
  ask<T>(text: string, usual: string, check: (answer: string) => T): Promise<T>;
  close(): void;
}

/** `intro` is said before the first question; `interrupt` is what Ctrl-C does: readline takes it from the terminal. */
export function openQuestions(
  streams: { input: Readable; output: Writable },
  intro: string,
  interrupt: () => void = () => process.kill(process.pid, 'SIGINT'),
): Questions {
  const lines = createInterface({ ...streams });
  lines.once('SIGINT', () => {
    streams.output.write('\nNothing was written.\n');
    interrupt();
  });
  const leading = [intro];
  const ended = new AbortController();
  // A question that waits when its input ends would never be settled.
  lines.once('close', () => ended.abort());

  async function readLine(prompt: string): Promise<string> {
    try {
      return (await lines.question(prompt, { signal: ended.signal })).trim();
    } catch (error: unknown) {
      throw new BenchError('USAGE', 'The input ended before all was answered; nothing was written.', {
        hint: 'Answer with flags: see bench init --help.',
        cause: error,
      });
    }
  }

  return {
    async ask(text, usual, check) {
      const rows = text.split('\n');
      const last = rows.pop() ?? '';
      // What leads to a question is said once, however often it is asked.
      streams.output.write([...leading.splice(0), ...rows].map((row) => `${row}\n`).join(''));
      for (;;) {
        const answer = await readLine(`${last}${usual === '' ? '' : ` [${usual}]`}: `);
        try {
          return check(answer === '' ? usual : answer);
        } catch (error: unknown) {
          if (!(error instanceof BenchError)) {
            throw error;
          }
          streams.output.write(`${error.message}${error.hint === null ? '' : ` ${error.hint}`}\n`);
        }
      }
    },
    close: () => lines.close(),
  };
}
