import { detectors } from '../../detectors/index.ts';
import { analyzeFolder } from '../../phases/analyze/folder.ts';
import { findRunFolder, writeResult } from '../../store/run-folder.ts';
import { exitCodeOf } from '../exit-code.ts';
import { printSummary } from '../summary.ts';
import { openTerminal } from '../terminal.ts';

export async function analyzeCommand(run: string, options: { out: string }): Promise<number> {
  const folder = findRunFolder(run, options.out);
  const result = await analyzeFolder(folder, detectors);
  writeResult(folder, result);
  printSummary(result, null, openTerminal());
  return exitCodeOf(result, { strict: false, signal: null });
}
