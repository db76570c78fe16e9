import { basename } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { faultOfField, type TypedColumn } from '../../store/column-types.ts';
import { readTable } from '../../store/read-table.ts';
import { Faults, type RuleAnswer } from './verify-faults.ts';

/** A row by its columns; `place` names it in a sentence. */
export interface Row {
  place: string;
  text(column: string): string;
  /** null: empty, or no number. */
  number(column: string): number | null;
}

export interface TableCheck {
  path: string;
  columns: readonly TypedColumn[];
  /** Sees every row whose fields are of their types. */
  onRow(row: Row): void;
}

/** One table: whole lines, the columns, the type of every field. Row 1 is the first below the header. */
export async function verifyTable({ path, columns, onRow }: TableCheck): Promise<RuleAnswer> {
  const name = basename(path);
  const faults = new Faults('8.7', `${name}: whole rows with the columns and types of their table`);
  const names = columns.map((column) => column.name);
  const indexOf = new Map(names.map((column, index) => [column, index] as const));
  let number = 0;
  try {
    const { tornBytes } = await readTable(path, names, (fields) => {
      number += 1;
      const place = `${name} row ${number}`;
      const wrong = columns.flatMap((column, index) => {
        const fault = faultOfField(fields[index] ?? '', column);
        return fault === null ? [] : [`${place}: ${column.name} ${fault}.`];
      });
      wrong.forEach((sentence) => {
        faults.add(sentence);
      });
      if (wrong.length === 0) {
        const text = (column: string): string => fields[indexOf.get(column) ?? -1] ?? '';
        onRow({ place, text, number: (column) => (text(column) === '' ? null : Number(text(column))) });
      }
    });
    if (tornBytes > 0) {
      faults.add(`${name} ends in a torn line of ${tornBytes} bytes.`);
    }
  } catch (error: unknown) {
    faults.add(messageOf(error));
  }
  return faults.answer();
}
