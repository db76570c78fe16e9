import { BenchError } from '../../base/errors.ts';
import type { MediaKind } from '../import/folder.ts';
import { type ColumnChoice, choiceText, chooseColumns } from './columns.ts';
import type { ImageShape, MeasuredSource, Sample } from './sample.ts';

/** One row of a sizes file or one line of a log. */
export interface TableRow {
  line: number;
  fields: Readonly<Record<string, string>>;
}

export interface Table {
  path: string;
  /** `rows` of a file of sizes, `requests` of a log. */
  noun: string;
  /** A row without a number is an error; else it is passed over and counted. */
  isStrict: boolean;
  /** What to do if it holds no row, and if it holds not what counts. */
  emptyHint: string;
  missingHint: string;
  rows: AsyncIterable<TableRow>;
  /** Sentences about the lines that were left out; asked for after the last row. */
  notes(): string[];
}

export interface TableOptions {
  column: string | null;
  kind: MediaKind | null;
}

const number = /^\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Throws USAGE with file and line for what is not a number above 0. */
function requireNumber(text: string, column: string, place: string): number {
  const value = number.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && Number.isFinite(value)) {
    return value;
  }
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  const what = text === '' ? 'is missing' : `"${shown}" is not a number above 0`;
  throw new BenchError('USAGE', `${place}: ${column} ${what}.`, {
    hint: 'Write plain numbers such as 4096 or 12.5, one row an item.',
  });
}

/** The numbers of one row in the order of `columns`; null if it is to be passed over. */
function numbersOf(row: TableRow, columns: readonly string[], table: Table): number[] | null {
  const texts = columns.map((column) => (row.fields[column] ?? '').trim());
  if (
    !table.isStrict &&
    texts.some((text) => !(number.test(text) && Number(text) > 0 && Number.isFinite(Number(text))))
  ) {
    return null;
  }
  return texts.map((text, index) => requireNumber(text, columns[index] ?? '', `${table.path}:${row.line}`));
}

function columnsOf(choice: ColumnChoice): string[] {
  return choice.kind === 'images'
    ? [choice.width, choice.height, ...(choice.bytes === null ? [] : [choice.bytes])]
    : [choice.column];
}

function sampleOf(choice: ColumnChoice, rows: readonly (readonly number[])[]): Sample {
  if (choice.kind === 'images') {
    const shapes = rows.map(
      ([width = 0, height = 0, bytes]): ImageShape => ({
        width: Math.round(width),
        height: Math.round(height),
        bytes: bytes === undefined ? null : Math.round(bytes),
      }),
    );
    return { kind: 'images', shapes };
  }
  const values = rows.map(([value = 0]) => value * choice.factor);
  return choice.quantity === 'tokens'
    ? { kind: 'text', tokens: values }
    : { kind: 'audio', by: choice.quantity, values, sampleRate: null };
}

function noColumn(table: Table, names: readonly string[], kind: MediaKind | null): BenchError {
  const wanted = { audio: 'seconds or bytes', images: 'width and height', text: 'tokens' };
  const needed = kind === null ? 'bytes, seconds, tokens, or width and height' : wanted[kind];
  return new BenchError('USAGE', `${table.path} does not say ${needed}; it has: ${names.join(', ')}.`, {
    hint: table.missingHint,
  });
}

/** Lines of a log differ: one without the user's column says nothing about the others. */
function choiceFrom(row: TableRow, table: Table, options: TableOptions): ColumnChoice | null {
  const isOther = !table.isStrict && options.column !== null && row.fields[options.column] === undefined;
  return isOther ? null : chooseColumns(Object.keys(row.fields), options, table.path);
}

interface TableNumbers {
  choice: ColumnChoice;
  rows: number[][];
  passed: number;
}

/** Throws USAGE for a table without a usable number. */
async function readNumbers(table: Table, options: TableOptions): Promise<TableNumbers> {
  let choice: ColumnChoice | null = null;
  let names: readonly string[] = [];
  let passed = 0;
  const rows: number[][] = [];
  for await (const row of table.rows) {
    names = names.length === 0 ? Object.keys(row.fields) : names;
    choice ??= choiceFrom(row, table, options);
    const numbers = choice === null ? null : numbersOf(row, columnsOf(choice), table);
    if (numbers === null) {
      passed += 1;
    } else {
      rows.push(numbers);
    }
  }
  if (names.length === 0) {
    throw new BenchError('USAGE', `${table.path} holds no ${table.noun}.`, { hint: table.emptyHint });
  }
  choice ??= chooseColumns(names, options, table.path);
  if (choice === null) {
    throw noColumn(table, names, options.kind);
  }
  if (rows.length === 0) {
    throw new BenchError('USAGE', `${table.path} holds no number above 0 as ${choiceText(choice)}.`, {
      hint: table.missingHint,
    });
  }
  return { choice, rows, passed };
}

/** Reads the numbers of a table, whose text is never whole in memory. Throws USAGE with file and line. */
export async function measureTable(table: Table, options: TableOptions): Promise<MeasuredSource> {
  const { choice, rows, passed } = await readNumbers(table, options);
  return {
    sample: sampleOf(choice, rows),
    origin: `${rows.length} ${table.noun}`,
    notes: [
      `Taken from ${table.path}: ${choiceText(choice)}.`,
      ...table.notes(),
      ...(passed === 0 ? [] : [`Those of the ${table.noun} without that number, passed over: ${passed}.`]),
    ],
    unusable: [],
    sourceBytes: null,
  };
}
