import { escapeHtml } from '../base/escape-html.ts';
import type { GateDecision } from '../model/gate.ts';
import type { RunResult } from '../model/result.ts';
import type { ReportSection, Results } from '../model/section.ts';
import { blockHtml } from './render-block.ts';
import { openChartDrawing } from './render-chart.ts';
import { pageStyle } from './render-style.ts';

const contentPolicy =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * results -> sections -> blocks -> HTML, charts as SVG -> one page that loads nothing.
 * A pure function of its arguments: the same results give the same bytes.
 */
export async function renderPage(
  results: Results,
  sections: readonly ReportSection[],
  decision: GateDecision | null = null,
): Promise<string> {
  const draw = await openChartDrawing();
  const [opening, ...others] = sections;
  const parts: string[] = [];
  for (const section of sections) {
    const blocks: string[] = [];
    for (const [index, block] of section.render(results, decision).entries()) {
      blocks.push(await blockHtml(block, `${section.id}-${index + 1}`, draw));
    }
    // The first section carries the page's own heading.
    const heading = section === opening ? '' : `<h2 id="${section.id}-heading">${escapeHtml(section.title)}</h2>\n`;
    const label =
      section === opening ? `aria-label="${escapeHtml(section.title)}"` : `aria-labelledby="${section.id}-heading"`;
    const contents = section === opening ? navigation(others) : '';
    parts.push(`<section id="${section.id}" ${label}>\n${heading}${blocks.join('')}${contents}</section>\n`);
  }
  return `${head(results)}<body>
<a class="skip" href="#findings">Skip to the findings</a>
<main>
${parts.join('')}</main>
<footer>${escapeHtml(footer(results[0]))}</footer>
</body>
</html>
`;
}

function head(results: Results): string {
  const [first] = results;
  const state = first.validity.state === 'invalid' ? 'invalid' : first.verdict;
  const title =
    results.length === 1 ? `${first.profile.name} · ${state} · ${first.runId}` : `${results.length} runs side by side`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
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

function footer(result: RunResult): string {
  const { tool } = result;
  const commit = tool.commit === null ? '' : `, commit ${tool.commit.slice(0, 12)}`;
  return `Headroom ${tool.version}${commit} · result schema ${result.schemaVersion} · all times from the start of the run · this page runs no script and loads nothing`;
}
