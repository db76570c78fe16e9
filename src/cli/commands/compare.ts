import { join, relative } from 'node:path';
import { sha256Hex } from '../../base/digest.ts';
import { makeFolder } from '../../base/make-folder.ts';
import type { ComparabilityDifference } from '../../model/gate.ts';
import { compareRuns, runsOf } from '../../phases/render/compare.ts';
import { renderPage } from '../../phases/render/render.ts';
import { readChartRuntime } from '../../phases/render/runtime.ts';
import type { Candidate, Comparison } from '../../sections/compare/comparison.ts';
import { type MetricRow, metricRows } from '../../sections/compare/metrics.ts';
import { comparisonSections } from '../../sections/compare/sections.ts';
import { comparisonHeadline } from '../../sections/compare/side-by-side.ts';
import { shortHashes } from '../../sections/wording/short-hashes.ts';
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

/** Writes one page for a baseline and its candidates. Exit 4: they are not comparable, and nothing was written. */
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
  const told = comparison.candidates.flatMap(({ label, inWords }) =>
    inWords.filter((one) => one.class === 'must').map((one) => refusalLine(label, one)),
  );
  for (const line of told) {
    terminal.err(line);
  }
  if (refusals.length > 0 && !options.force) {
    if (options.json) {
      terminal.out(JSON.stringify({ state: 'not-comparable', differences: refusals, page: null }));
    }
    terminal.err('Not comparable: these fields must agree. Numbers beside each other all the same: --force');
    return 4;
  }
  if (refusals.length > 0) {
    terminal.err('Not comparable, and shown all the same since --force was given: nothing is judged.');
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
  const headline = comparisonHeadline(comparison);
  if (options.json) {
    terminal.out(JSON.stringify({ state: 'compared', headline, differences, page: shown }));
    return 0;
  }
  for (const line of [headline, ...comparison.candidates.flatMap((one) => candidateLines(comparison, one))]) {
    terminal.out(line);
  }
  terminal.out(`report ${shown}`);
  return 0;
}

function refusalLine(side: string, { field, baseline, candidate }: ComparabilityDifference): string {
  const [before, now] = [baseline, candidate].map((value) => shortHashes(value ?? 'not read'));
  return `${side}: ${field} ${before} against ${now}`;
}

/** What the table of the page says, without the rows that only one side has and those within their threshold. */
function candidateLines(comparison: Comparison, candidate: Candidate): readonly string[] {
  const rows = metricRows(comparison, candidate).filter(({ judgement }) => judgement !== 'not in both');
  const isQuiet = ({ judgement }: MetricRow): boolean => judgement === '✓ within';
  const within = rows.filter(isQuiet).length;
  return [
    ...rows
      .filter((row) => !isQuiet(row))
      .map(
        ({ metric, stage, before, now, change, judgement }) =>
          `${candidate.label}: ${metric}, ${stage}: ${before} -> ${now} (${change}): ${judgement}`,
      ),
    ...(within === 0
      ? []
      : [`${candidate.label}: ${within} ${within === 1 ? 'metric' : 'metrics'} within the threshold`]),
  ];
}

/** The same comparison has the same name; ids of runs are long, so it is not made of them. */
function pageName(names: readonly string[]): string {
  return `compare-${sha256Hex(names.join('\n')).slice(0, 12)}`;
}
