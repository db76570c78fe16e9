import { join } from 'node:path';
import type { RunFolder } from './run-folder.ts';
import { replaceOrSay } from './write-or-say.ts';

/** What became of a run of an older schema (PROTOCOL 8.10). */
export interface MigrationNote {
  schemaVersion: string;
  /** Of the run as it was measured. */
  fromSchema: string;
  fromRunId: string;
  /** SHA-256 of the original files by name. */
  originals: Readonly<Record<string, string>>;
  /** What the older schema did not hold, one sentence each: it is null or empty here. */
  unknown: readonly string[];
}

export function migrationFile(folder: RunFolder): string {
  return join(folder.path, 'migration.json');
}

export function writeMigration(folder: RunFolder, note: MigrationNote): void {
  replaceOrSay(migrationFile(folder), `${JSON.stringify(note, null, 2)}\n`);
}
