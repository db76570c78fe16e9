import { detectors } from '../../detectors/index.ts';
import { migrateRun } from '../../phases/sealed/migrate-run.ts';
import { findRunFolder } from '../../store/run-folder.ts';
import { openTerminal } from '../terminal.ts';

export interface MigrateCommandOptions {
  out: string;
  inPlace: boolean;
  anonymize: boolean;
}

export async function migrateCommand(run: string, options: MigrateCommandOptions): Promise<number> {
  const terminal = openTerminal();
  const folder = findRunFolder(run, options.out);
  const migrated = await migrateRun({
    folder,
    inPlace: options.inPlace,
    isAnonymized: options.anonymize,
    detectors,
  });
  if (migrated === null) {
    terminal.out(`${folder.runId} is of the present schema: nothing to do.`);
    return 0;
  }
  const { note, result } = migrated;
  if (note.fromSchema !== note.schemaVersion) {
    terminal.out(`${note.fromRunId}: schema ${note.fromSchema} to ${note.schemaVersion}`);
  }
  for (const sentence of note.unknown) {
    terminal.out(`unknown  ${sentence}`);
  }
  if (options.anonymize) {
    terminal.out(
      'Host names, user names, addresses and paths are replaced in every file. Read logs/ before you publish.',
    );
  }
  terminal.out(`verdict ${result.verdict}, judged anew by this bench`);
  terminal.out(`results ${migrated.folder.path}`);
  return 0;
}
