import { existsSync } from 'node:fs';
import { readRun } from '../../store/read-run.ts';
import { findRunFolder } from '../../store/run-folder.ts';
import { checkSeal } from '../../store/seal.ts';
import { openTerminal } from '../terminal.ts';

export async function verifyCommand(run: string, options: { out: string }): Promise<number> {
  const terminal = openTerminal();
  const folder = findRunFolder(run, options.out);
  const { sealed, differences } = await checkSeal(folder);
  if (!sealed) {
    const remedy = existsSync(folder.result) ? '' : ` Make it readable with: bench recover ${folder.runId}`;
    terminal.out(`${folder.runId} is not sealed: its harness was ended before.${remedy}`);
    return 1;
  }
  const { records, manifest } = await readRun(folder);
  const planned = manifest.measured?.planned ?? null;
  for (const { file, difference } of differences) {
    terminal.out(`${difference}: ${file}`);
  }
  if (planned !== null && planned !== records.length) {
    terminal.out(`requests.csv has ${records.length} rows for ${planned} planned requests`);
  }
  const isSound = differences.length === 0 && (planned === null || planned === records.length);
  terminal.out(isSound ? `${folder.runId}: seal and conservation hold` : `${folder.runId}: NOT as it was sealed`);
  return isSound ? 0 : 1;
}
