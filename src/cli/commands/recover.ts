import { readFileSync } from 'node:fs';
import { detectors } from '../../detectors/index.ts';
import { isAlive } from '../../phases/harness-process.ts';
import { recoverRun } from '../../phases/sealed/recover-run.ts';
import { findRunFolder } from '../../store/run-folder.ts';
import { printSummary } from '../summary.ts';
import { openTerminal } from '../terminal.ts';

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

export async function recoverCommand(run: string, options: { out: string }): Promise<number> {
  const terminal = openTerminal();
  const folder = findRunFolder(run, options.out);
  const { result, sentences } = await recoverRun(folder, detectors, { isAlive, read: readOrNull });
  for (const sentence of sentences) {
    terminal.out(sentence);
  }
  if (result !== null) {
    printSummary(result, null, terminal);
  }
  return 0;
}
