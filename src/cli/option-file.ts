import { readFileSync } from 'node:fs';
import { BenchError, messageOf } from '../base/errors.ts';

/** The text of a file that an option names; throws USAGE if it cannot be read. */
export function readOptionFile(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error: unknown) {
    throw new BenchError('USAGE', `${option} ${path} cannot be read: ${messageOf(error)}.`, {
      hint: 'Check the path and who may read it.',
      cause: error,
    });
  }
}
