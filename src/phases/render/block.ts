import { messageOf } from '../../base/errors.ts';
import { escapeHtml } from '../../base/escape-html.ts';
import type { Block, TableBlock } from '../../model/section.ts';
import type { DrawChart } from './chart.ts';
import { specHtml } from './runtime.ts';

const figureCell = /^(?:[-−]?\d[\d,.]*(?:[:\s%/].*)?|–|n\/a)$/;

/** Columns of figures stand to the right, texts to the left. */
function isFigures(table: TableBlock, column: number): boolean {
  return table.rows.length > 0 && table.rows.every((row) => figureCell.test(row[column] ?? '–'));
}

export function tableHtml(table: TableBlock): string {
  const aligned = table.headings.map((_, column) => (isFigures(table, column) ? '' : ' class="text"'));
  const head = table.headings.map((heading, column) => `<th scope="col"${aligned[column]}>${escapeHtml(heading)}</th>`);
  const rows = table.rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0
        ? `<th scope="row"${aligned[column] ?? ''}>${escapeHtml(cell)}</th>`
        : `<td${aligned[column] ?? ''}>${escapeHtml(cell)}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  const label = escapeHtml(table.caption);
  // A region that scrolls must be reachable by keyboard, and so needs a name.
  return `<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><caption><span>${label}</span></caption><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>\n`;
}

type ChartBlock = Extract<Block, { type: 'chart' }>;

/** What a page knows beside its blocks. `resultsHref` null: the results folder does not lie beside it. */
export interface BlockContext {
  draw: DrawChart;
  isZoomable: boolean;
  resultsHref: string | null;
}

/** A chart that cannot be drawn must not cost the page: its data stay as a table. */
async function drawn(chart: ChartBlock, id: string, { draw, isZoomable }: BlockContext): Promise<string> {
  try {
    const { svg, spec } = await draw(chart.spec, { id, title: chart.title, description: chart.caption });
    return `${svg}${isZoomable && spec !== null ? specHtml(spec) : ''}`;
  } catch (error: unknown) {
    return `<p>This chart could not be drawn: ${escapeHtml(messageOf(error))}</p>`;
  }
}

/** Where the raw data of a chart lie; the folded table holds the drawn data in any case. */
function rawHtml({ runId, files }: ChartBlock['raw'], resultsHref: string | null): string {
  if (resultsHref === null || files.length === 0) {
    return '';
  }
  const folder = resultsHref === '' ? '' : `${resultsHref.replace(/\/$/, '')}/`;
  const links = files.map((file) => {
    const path = `${folder}${encodeURIComponent(runId)}/${file.split('/').map(encodeURIComponent).join('/')}`;
    return `<a href="${escapeHtml(path)}">${escapeHtml(file)}</a>`;
  });
  return `<p class="raw">Raw data: ${links.join(', ')}</p>`;
}

async function chartHtml(chart: ChartBlock, id: string, context: BlockContext): Promise<string> {
  const picture = await drawn(chart, id, context);
  const keys = chart.legend.map(
    ({ label, color, dashed }) =>
      `<li><i${dashed ? ' class="dashed"' : ''} style="color:${escapeHtml(color)}"></i>${escapeHtml(label)}</li>`,
  );
  const data =
    chart.table === null ? '' : `<details><summary>Data as a table</summary>${tableHtml(chart.table)}</details>`;
  return [
    `<figure><p class="charttitle">${escapeHtml(chart.title)}</p><ul class="legend">${keys.join('')}</ul>`,
    `<div class="plot" tabindex="0" role="region" aria-label="${escapeHtml(chart.title)}">${picture}</div>`,
    `<figcaption>${escapeHtml(chart.caption)}</figcaption></figure>${data}${rawHtml(chart.raw, context.resultsHref)}\n`,
  ].join('');
}

/** One block as HTML. `id` is unique in the page. */
export async function blockHtml(block: Block, id: string, context: BlockContext): Promise<string> {
  switch (block.type) {
    case 'html':
      return `${block.html}\n`;
    case 'heading':
      return `<h${block.level}>${escapeHtml(block.text)}</h${block.level}>\n`;
    case 'paragraph':
      return `<p>${escapeHtml(block.text)}</p>\n`;
    case 'table':
      return block.isFolded === true
        ? `<details><summary>${escapeHtml(block.caption)}</summary>${tableHtml(block)}</details>\n`
        : tableHtml(block);
    case 'chart':
      return chartHtml(block, id, context);
  }
}
