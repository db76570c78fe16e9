import { join, relative } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import type { RunResult } from '../../model/result.ts';
import { renderPage } from '../../phases/render/render.ts';
import { readChartRuntime } from '../../phases/render/runtime.ts';
import { sections } from '../../sections/index.ts';
import { keptDecisions } from '../../store/decision-file.ts';
import { findRunFolder, readResult } from '../../store/run-folder.ts';
import { replaceOrSay, writeOrSay } from '../../store/write-or-say.ts';
import { openTerminal } from '../terminal.ts';

/** Where a run lies and its page goes. */
interface PageOptions {
  out: string;
  reports: string;
  static: boolean;
  anonymize?: boolean;
}

/** Writes `<reports>/<run-id>.html` and returns the path to print. */
export async function writePage(
  result: RunResult,
  { out, reports, static: isStatic, anonymize = false }: PageOptions,
): Promise<string> {
  writeOrSay(reports, () => makeFolder(reports));
  const path = join(reports, `${result.runId}.html`);
  const decision = keptDecisions(out, () => undefined).get(result.runId) ?? null;
  const page = await renderPage([result], sections, decision, {
    runtime: isStatic ? null : readChartRuntime(),
    // The way to the tables that the page was drawn from holds names of folders.
    resultsHref: anonymize ? null : relative(reports, out),
  });
  replaceOrSay(path, page);
  return relative(process.cwd(), path);
}

export async function reportCommand(
  run: string,
  options: { out: string; reports: string; static: boolean },
): Promise<number> {
  const result = readResult(findRunFolder(run, options.out));
  openTerminal().out(await writePage(result, options));
  return 0;
}
