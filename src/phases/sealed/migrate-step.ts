import type { CsvValue } from '../../store/csv-line.ts';

/** Columns of a table after a step, in their order. */
export interface MigratedTable {
  file: string;
  columns: readonly string[];
  /** What rows get that lack a column; a column that is not named here must be there. */
  added: Readonly<Record<string, CsvValue>>;
  /** Added columns whose facts are lost; the others are known, since the older bench had no such thing. */
  notRecorded: readonly string[];
  /** Fields that are numbers; a text that looks like a formula would be written in another way. */
  numbers: readonly string[];
}

/** From one schema to the next. A step is never changed once it was released: it holds its own lists. */
export interface MigrationStep {
  from: string;
  to: string;
  tables: readonly MigratedTable[];
  /** `tell` hears a sentence for each fact that the older schema did not hold. Throws zod's error. */
  manifest(old: unknown, tell: (sentence: string) => void): Readonly<Record<string, unknown>>;
}
