import { BenchError } from '../../base/errors.ts';
import type { ResultFile } from '../../model/importer.ts';

/**
 * Each line parsed. A last line that is no JSON was torn by the end of its writer and is left out with a note;
 * any other such line makes the file unreadable.
 */
export async function* parsedLines(file: ResultFile, note: (text: string) => void): AsyncIterable<unknown> {
  let number = 0;
  let torn: { number: number; cause: unknown } | null = null;
  for await (const line of file.lines()) {
    number += 1;
    if (line.trim() === '') {
      continue;
    }
    if (torn !== null) {
      throw new BenchError('RESULT_UNREADABLE', `${file.name}:${torn.number} is no JSON.`, {
        hint: 'Check that only one tool wrote this file.',
        cause: torn.cause,
      });
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch (error: unknown) {
      torn = { number, cause: error };
      continue;
    }
    yield parsed;
  }
  if (torn !== null) {
    note(`the last line of ${file.name} is torn and was left out`);
  }
}
