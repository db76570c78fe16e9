import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { BenchError } from '../base/errors.ts';

/** Asks until an answer is taken; an empty one is the usual answer. */
export interface Questions {
  /** `check` throws a BenchError for an answer that cannot be taken. Throws USAGE where the input ends. */
  ask<T>(text: string, usual: string, check: (answer: string) => T): Promise<T>;
  close(): void;
}

export function openQuestions(streams: { input: Readable; output: Writable }): Questions {
  const lines = createInterface({ ...streams });
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
      for (;;) {
        const answer = await readLine(`${text}${usual === '' ? '' : ` [${usual}]`}: `);
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
