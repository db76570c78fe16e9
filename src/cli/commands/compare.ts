import { join, relative } from 'node:path';
import { sha256Hex } from '../../base/digest.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { compareRuns, runsOf } from '../../phases/render/compare.ts';
import { renderPage } from '../../phases/render/render.ts';
import { readChartRuntime } from '../../phases/render/runtime.ts';
import { comparisonSections } from '../../sections/compare/sections.ts';
import { replaceOrSay, writeOrSay } from '../../store/write-or-say.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { readGateConstants } from './gate-constants.ts';

export interface CompareCommandOptions {
  out: string;
  reports: string;
  force: boolean;
  project?: string;
  gates?: string;
  json: boolean;
}

/** Writes one page for a base and its candidates. Exit 4: they are not comparable, and nothing was written. */
export async function compareCommand(
  names: readonly string[],
  options: CompareCommandOptions,
  terminal: Pick<Terminal, 'out' | 'err'> = openTerminal(),
): Promise<number> {
  const { comparison, refusals } = compareRuns({
    names,
    outFolder: options.out,
    project: options.project ?? null,
    isForced: options.force,
    constants: readGateConstants(options.gates ?? null),
  });
  if (refusals.length > 0 && !options.force) {
    if (options.json) {
      terminal.out(JSON.stringify({ state: 'not-comparable', differences: refusals, page: null }));
    }
    for (const { side, field, baseline, candidate } of refusals) {
      terminal.err(`${side}: ${field} was ${baseline ?? 'not read'} and is ${candidate ?? 'not read'}`);
    }
    terminal.err('Not comparable: these fields must agree. Numbers beside each other all the same: --force');
    return 4;
  }
  writeOrSay(options.reports, () => makeFolder(options.reports));
  const path = join(options.reports, `${pageName(names)}.html`);
  const page = await renderPage(runsOf(comparison), comparisonSections(comparison), null, {
    runtime: readChartRuntime(),
    resultsHref: null,
  });
  replaceOrSay(path, page);
  const shown = relative(process.cwd(), path);
  const differences = comparison.candidates.flatMap((candidate) => candidate.differences);
  terminal.out(options.json ? JSON.stringify({ state: 'compared', differences, page: shown }) : shown);
  return 0;
}

/** The same comparison has the same name; ids of runs are long, so it is not made of them. */
function pageName(names: readonly string[]): string {
  return `compare-${sha256Hex(names.join('\n')).slice(0, 12)}`;
}
