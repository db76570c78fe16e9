import { escapeHtml } from '../../base/escape-html.ts';
import type { GateDecision } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';
import type { ReportSection, Results } from '../../model/section.ts';
import { type BlockContext, blockHtml } from './block.ts';
import { openChartDrawing } from './chart.ts';
import { type ChartRuntime, contentPolicy, runtimeHtml } from './runtime.ts';
import { pageStyle } from './style.ts';

/** What a page may have beside its texts and pictures. */
export interface PageOptions {
  /** null: the page runs no script. */
  runtime: ChartRuntime | null;
  /** Relative path from the page to the results folder, for links to raw data; null: it does not lie beside. */
  resultsHref: string | null;
}

const plainPage: PageOptions = { runtime: null, resultsHref: null };

interface FilledSection {
  section: ReportSection;
  html: string;
}

/**
 * results -> sections -> blocks -> HTML, charts as SVG -> one page that loads nothing.
 * A pure function of its arguments: the same results give the same bytes. A section without blocks is left out.
 */
export async function renderPage(
  results: Results,
  sections: readonly ReportSection[],
  decision: GateDecision | null = null,
  options: PageOptions = plainPage,
): Promise<string> {
  const context = {
    draw: await openChartDrawing(),
    isZoomable: options.runtime !== null,
    resultsHref: options.resultsHref,
  };
  const filled: FilledSection[] = [];
  for (const section of sections) {
    const blocks = section.render(results, decision);
    if (blocks.length > 0) {
      filled.push({ section, html: await blocksHtml(section, blocks, context) });
    }
  }
  const [opening, ...others] = filled;
  const contents = navigation(others.map(({ section }) => section));
  return `${head(results, options)}<body>
<a class="skip" href="#findings">Skip to the findings</a>
<main>
${opening === undefined ? '' : openingHtml(opening, contents)}${others.map(sectionHtml).join('')}</main>
<footer>${escapeHtml(footer(results[0], options))}</footer>
${runtimeHtml(options.runtime)}</body>
</html>
`;
}

async function blocksHtml(
  section: ReportSection,
  blocks: ReturnType<ReportSection['render']>,
  context: BlockContext,
): Promise<string> {
  const parts: string[] = [];
  for (const [index, block] of blocks.entries()) {
    parts.push(await blockHtml(block, `${section.id}-${index + 1}`, context));
  }
  return parts.join('');
}

/** It carries the page's own heading. */
function openingHtml({ section, html }: FilledSection, contents: string): string {
  return `<section id="${section.id}" aria-label="${escapeHtml(section.title)}">\n${html}${contents}</section>\n`;
}

function sectionHtml({ section, html }: FilledSection): string {
  const heading = `<h2 id="${section.id}-heading">${escapeHtml(section.title)}</h2>\n`;
  return `<section id="${section.id}" aria-labelledby="${section.id}-heading">\n${heading}${html}</section>\n`;
}

function head(results: Results, { runtime }: PageOptions): string {
  const [first] = results;
  const state = first.validity.state === 'invalid' ? 'invalid' : first.verdict;
  const title =
    results.length === 1 ? `${first.profile.name} · ${state} · ${first.runId}` : `${results.length} runs side by side`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(runtime)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
</head>
`;
}

function navigation(sections: readonly ReportSection[]): string {
  const links = sections.map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`);
  return `<nav aria-label="On this page"><ul>${links.join('')}</ul></nav>\n`;
}

function footer({ tool, schemaVersion }: RunResult, { runtime }: PageOptions): string {
  const commit = tool.commit === null ? '' : `, commit ${tool.commit.slice(0, 12)}`;
  const script =
    runtime === null ? 'runs no script and loads nothing' : 'runs one script, for its charts, and loads nothing';
  return `Headroom ${tool.version}${commit} · result schema ${schemaVersion} · all times from the start of the run · this page ${script}`;
}
