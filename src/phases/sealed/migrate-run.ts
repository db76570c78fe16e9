import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError, messageOf } from '../../base/errors.ts';
import type { Detector } from '../../model/detector.ts';
import type { Manifest } from '../../model/manifest.ts';
import { type RunResult, schemaVersion } from '../../model/result.ts';
import { CsvAppender } from '../../store/append-csv.ts';
import { type MigrationNote, writeMigration } from '../../store/migration-file.ts';
import { readRun } from '../../store/read-run.ts';
import { headerOf, readTable } from '../../store/read-table.ts';
import { type RunFolder, readAnyManifest, runFolderAt, writeResult } from '../../store/run-folder.ts';
import { checkSeal, digests, seal } from '../../store/seal.ts';
import { replaceOrSay } from '../../store/write-or-say.ts';
import { analyze } from '../analyze/analyze.ts';
import { anonymizeResult, anonymizeRun } from './anonymize-run.ts';
import { from01 } from './migrate-0-1.ts';
import type { MigratedTable, MigrationStep } from './migrate-step.ts';

/** In their order; a run takes every step from its own schema on. */
const steps: readonly MigrationStep[] = [from01];

export interface MigrateOptions {
  folder: RunFolder;
  /** The migrated folder takes the place of the run; else it lies beside it. */
  inPlace: boolean;
  isAnonymized: boolean;
  detectors: readonly Detector[];
}

export interface Migrated {
  folder: RunFolder;
  result: RunResult;
  note: MigrationNote;
}

/** Steps from a schema to the present one; empty where it is the present one. */
export function stepsFrom(version: string): readonly MigrationStep[] {
  const first = steps.findIndex(({ from }) => from === version);
  return first < 0 ? [] : steps.slice(first);
}

/**
 * run -> seal holds -> copy beside it -> a step a schema: manifest and tables -> names replaced, if asked
 *     -> migration.json -> seal -> analyze -> result.json -> perhaps in its place
 * The run itself is only touched once the copy is whole. null: it is of this schema, and nothing else was asked for.
 */
export async function migrateRun(options: MigrateOptions): Promise<Migrated | null> {
  const { folder } = options;
  const manifest = readAnyManifest(folder);
  const chain = stepsFrom(manifest.schemaVersion);
  if (chain.length === 0 && !options.isAnonymized) {
    return null;
  }
  const { sealed, differences } = await checkSeal(folder);
  if (differences.length > 0) {
    const what = differences.map(({ difference, file }) => `${difference} ${file}`).join(', ');
    throw new BenchError('RESULT_UNREADABLE', `${folder.runId} is not as it was sealed: ${what}.`, {
      hint: 'A migrated run would hide that. Take the folder from where it was measured.',
    });
  }
  const originals = await digests(folder);
  const copy = copyBeside(options, chain);
  const unknown: string[] = [];
  const migrated = await takeSteps(copy, chain, { ...manifest, ...idOf(options, copy) }, (line) => unknown.push(line));
  replaceOrSay(copy.manifest, `${JSON.stringify(migrated, null, 2)}\n`);
  const names = options.isAnonymized ? await anonymizeRun(copy) : null;
  const note: MigrationNote = {
    schemaVersion,
    fromSchema: manifest.schemaVersion,
    fromRunId: folder.runId,
    originals,
    unknown,
  };
  writeMigration(copy, note);
  if (sealed) {
    await seal(copy);
  }
  const analyzed = analyze(await readRun(copy), options.detectors);
  const result = names === null ? analyzed : anonymizeResult(analyzed, names);
  writeResult(copy, result);
  return { folder: options.inPlace ? takePlace(copy, folder) : copy, result, note };
}

function idOf({ inPlace }: MigrateOptions, copy: RunFolder): Partial<Pick<Manifest, 'runId'>> {
  return inPlace ? {} : { runId: copy.runId };
}

function copyBeside(options: MigrateOptions, chain: readonly MigrationStep[]): RunFolder {
  const { folder, isAnonymized } = options;
  const suffix = [...(chain.length > 0 ? [`schema-${schemaVersion}`] : []), ...(isAnonymized ? ['anonymous'] : [])];
  const path = join(dirname(folder.path), `${folder.runId}-${suffix.join('-')}`);
  if (existsSync(path)) {
    throw new BenchError('USAGE', `${path} is already there.`, {
      hint: 'It is this run, migrated before. Remove it first.',
    });
  }
  cpSync(folder.path, path, {
    recursive: true,
    filter: (source) => source !== folder.seal && source !== folder.result,
  });
  return runFolderAt(path);
}

async function takeSteps(
  folder: RunFolder,
  chain: readonly MigrationStep[],
  manifest: unknown,
  tell: (sentence: string) => void,
): Promise<unknown> {
  let current = manifest;
  for (const step of chain) {
    try {
      current = step.manifest(current, tell);
    } catch (error: unknown) {
      throw new BenchError('RESULT_UNREADABLE', `${folder.manifest} is no manifest of schema ${step.from}.`, {
        hint: messageOf(error).split('\n')[0] ?? '',
        cause: error,
      });
    }
    for (const table of step.tables) {
      await rewrite(folder, table, tell);
    }
  }
  if (chain.length > 0 && !existsSync(folder.items)) {
    tell('items.csv: what each item of the corpus weighs was not recorded.');
  }
  return current;
}

/** A table that has every column already is left as it is. */
async function rewrite(folder: RunFolder, table: MigratedTable, tell: (sentence: string) => void): Promise<void> {
  const path = join(folder.path, table.file);
  if (!existsSync(path)) {
    tell(`${table.file} is missing: what it held is unknown.`);
    return;
  }
  const header = headerOf(path);
  const lacking = table.columns.filter((column) => !header.includes(column));
  if (lacking.length === 0) {
    return;
  }
  const fresh = `${path}.migrated`;
  const csv = new CsvAppender(fresh, table.columns);
  const places = table.columns.map((column) => header.indexOf(column));
  await readTable(path, header, (fields) => {
    csv.append(
      table.columns.map((column, index) => {
        const text = fields[places[index] ?? -1];
        if (text === undefined) {
          return table.added[column] ?? null;
        }
        return text !== '' && table.numbers.includes(column) ? Number(text) : text;
      }),
    );
  });
  csv.close();
  renameSync(fresh, path);
  const lost = lacking.filter((column) => table.notRecorded.includes(column));
  tell(`${table.file}: ${lost.join(', ')} were not recorded.`);
}

function takePlace(copy: RunFolder, folder: RunFolder): RunFolder {
  const aside = `${folder.path}.before-migration`;
  renameSync(folder.path, aside);
  renameSync(copy.path, folder.path);
  rmSync(aside, { recursive: true });
  return folder;
}
