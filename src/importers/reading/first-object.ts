import { fieldsOf } from './fields.ts';

/**
 * The first line of a file as JSON, whatever spaces its writer put between names and values; no fields where that
 * line is none, or longer than the head that was read.
 */
export function firstObject(head: string): Readonly<Record<string, unknown>> {
  const [line = ''] = head.trimStart().split('\n', 1);
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return {};
  }
}
