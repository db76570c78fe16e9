import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { sha256Hex } from '../../base/digest.ts';
import type { GateConstants } from '../../model/gate.ts';
import type { HistoryLine, HistorySession } from '../../model/history.ts';
import type { ReportSection } from '../../model/section.ts';
import { historyFiles, readHistory } from '../../store/history.ts';
import { readResult } from '../../store/run-folder.ts';
import { renderPage } from '../render/render.ts';
import { type ChartRuntime, readChartRuntime } from '../render/runtime.ts';
import { feed } from './feed.ts';
import { indexPage, yearPage, yearsOf } from './index-page.ts';
import { trendsPage } from './pages.ts';
import { indexRows, type KeptRun, type KnownRows, keptRuns, type RunRow } from './rows.ts';
import { SiteFolder } from './site-folder.ts';
import { trendsOf } from './trends.ts';

const runtimeFile = 'assets/chart-runtime.js';
const rowsFile = 'runs/rows.json';
/** What a publish makes anew; all else in its folder is somebody's and stays. */
const ownNames = ['index.html', 'years', 'trends', 'runs', 'feed.xml', 'assets'];

/** A page without its run is kept so long. */
const keptDays = 90;
const dayMs = 86_400_000;

export interface PublishOptions {
  outFolder: string;
  /** null: the files of the results folder. */
  historyFiles: readonly string[] | null;
  reportsFolder: string;
  constants: GateConstants;
  sections: readonly ReportSection[];
  /** Whether run pages link the raw data, by the way from the site to the results folder. */
  linksRawData: boolean;
  tell: (sentence: string) => void;
}

export interface Published {
  rows: number;
  series: number;
  rendered: number;
  kept: number;
}

/** Of the pages of an earlier publish: what each is a function of. */
interface KnownPages {
  /** Of everything beside the results that a page depends on. */
  maker: string;
  runs: Readonly<Record<string, { digest: string; row: RunRow }>>;
}

/**
 * results, history -> rows, trends -> pages in a folder beside the site -> the folder takes its place
 * A page whose result and decision have not changed is taken over as it is.
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const site = new SiteFolder(options.reportsFolder);
  try {
    const published = await build(site, options);
    site.keepOthers(ownNames);
    site.replace();
    return published;
  } catch (error: unknown) {
    site.discard();
    throw error;
  }
}

async function build(site: SiteFolder, options: PublishOptions): Promise<Published> {
  const write = (name: string, text: string): void => {
    const path = join(site.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const runtime = readChartRuntime();
  if (runtime !== null) {
    write(runtimeFile, runtime.script);
  }
  const known = knownPages(options.reportsFolder);
  const maker = makerOf(options, runtime);
  const rowsOfSame: KnownRows = new Map(known?.maker === maker ? Object.entries(known.runs) : []);
  const runs = keptRuns(options.outFolder, rowsOfSame, options.tell);
  const rendered = await writeRunPages({ site, write, runs, known: rowsOfSame, runtime }, options);
  const earlier = keptPages(site, known, runs);
  write(rowsFile, `${JSON.stringify(pagesOf(maker, runs, earlier))}\n`);
  const histories = (options.historyFiles ?? historyFiles(options.outFolder)).flatMap((path) => bySeries(path));
  const sessions = histories.flatMap(({ lines }) =>
    lines.filter((line): line is HistorySession => line.kind === 'session'),
  );
  const trends = histories.map(({ series, lines }) => trendsOf(series, lines, options.constants));
  for (const trend of trends) {
    write(`trends/${trend.series}.html`, await trendsPage(trend));
  }
  const runRows = [...runs.map(({ row }) => row), ...Object.values(earlier).map(({ row }) => row)];
  const pages = new Set(runRows.map(({ id }) => id));
  const rows = indexRows(runRows, sessions);
  write('index.html', indexPage(rows, trends, pages));
  for (const year of yearsOf(rows)) {
    write(`years/${year}.html`, yearPage(year, rows, pages));
  }
  write('feed.xml', feed(sessions, pages));
  return { rows: rows.length, series: trends.length, rendered, kept: runs.length - rendered };
}

function bySeries(path: string): readonly { series: string; lines: readonly HistoryLine[] }[] {
  const lines = readHistory(path);
  return [...new Set(lines.map(({ series }) => series))].map((series) => ({
    series,
    lines: lines.filter((line) => line.series === series),
  }));
}

interface Work {
  site: SiteFolder;
  write: (name: string, text: string) => void;
  runs: readonly KeptRun[];
  known: KnownRows;
  runtime: ChartRuntime | null;
}

/** How many had to be rendered. */
async function writeRunPages(work: Work, options: PublishOptions): Promise<number> {
  const { sections, outFolder, reportsFolder, linksRawData } = options;
  const runtime = work.runtime === null ? null : { ...work.runtime, href: `../${runtimeFile}` };
  const resultsHref = linksRawData ? relative(resolve(reportsFolder, 'runs'), resolve(outFolder)) : null;
  let rendered = 0;
  for (const { folder, digest, decision } of work.runs) {
    const name = `runs/${folder.runId}.html`;
    if (work.known.get(folder.runId)?.digest === digest && work.site.keep(name)) {
      continue;
    }
    rendered += 1;
    work.write(name, await renderPage([readResult(folder)], sections, decision, { runtime, resultsHref }));
  }
  return rendered;
}

/**
 * Pages of an earlier publish whose runs are no longer there, as in CI, where each night begins with an empty results
 * folder: those of the last nights and of failures stay as they are. Ages count from the newest run, not from a clock.
 */
function keptPages(site: SiteFolder, known: KnownPages | null, runs: readonly KeptRun[]): KnownPages['runs'] {
  const there = new Set(runs.map(({ folder }) => folder.runId));
  const gone = Object.entries(known?.runs ?? {}).filter(([id]) => !there.has(id));
  const newestMs = Math.max(...[...runs, ...gone.map(([, page]) => page)].map(({ row }) => Date.parse(row.at)));
  const isWanted = ({ at, verdict }: RunRow): boolean =>
    verdict === 'fail' || newestMs - Date.parse(at) <= keptDays * dayMs;
  return Object.fromEntries(gone.filter(([id, { row }]) => isWanted(row) && site.keep(`runs/${id}.html`)));
}

function pagesOf(maker: string, runs: readonly KeptRun[], earlier: KnownPages['runs']): KnownPages {
  const present = runs.map(({ folder, digest, row }) => [folder.runId, { digest, row }] as const);
  return { maker, runs: { ...earlier, ...Object.fromEntries(present) } };
}

/** Another bench renders other pages; what it does is told by the code of its sections, its script and its options. */
function makerOf({ sections, linksRawData }: PublishOptions, runtime: ChartRuntime | null): string {
  const code = sections.map((section) => `${section.id} ${section.render.toString()}`);
  return sha256Hex([...code, renderPage.toString(), runtime?.script ?? '', String(linksRawData)].join('\n'));
}

function knownPages(reportsFolder: string): KnownPages | null {
  const path = join(reportsFolder, rowsFile);
  if (!existsSync(path)) {
    return null;
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as KnownPages;
  } catch {
    // A file that cannot be read only costs the time to render again.
    return null;
  }
}
