import { join, relative } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import type { RunResult } from '../../model/result.ts';
import { renderPage } from '../../phases/render.ts';
import { sections } from '../../sections/index.ts';
import { replaceFile } from '../../store/replace-file.ts';
import { findRunFolder, readResult } from '../../store/run-folder.ts';
import { writeOrSay } from '../../store/write-or-say.ts';
import { openTerminal } from '../terminal.ts';

/** Writes `<reports>/<run-id>.html` and returns the path to print. */
export async function writePage(result: RunResult, reportsFolder: string): Promise<string> {
  writeOrSay(reportsFolder, () => makeFolder(reportsFolder));
  const path = join(reportsFolder, `${result.runId}.html`);
  replaceFile(path, await renderPage([result], sections));
  return relative(process.cwd(), path);
}

export async function reportCommand(run: string, options: { out: string; reports: string }): Promise<number> {
  const result = readResult(findRunFolder(run, options.out));
  openTerminal().out(await writePage(result, options.reports));
  return 0;
}
