import { messageOf } from '../base/errors.ts';
import { escapeHtml } from '../base/escape-html.ts';
import type { Block, TableBlock } from '../model/section.ts';
import type { DrawChart } from './render-chart.ts';

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

/** A chart that cannot be drawn must not cost the page: its data stay as a table. */
async function drawn(chart: Extract<Block, { type: 'chart' }>, id: string, draw: DrawChart): Promise<string> {
  try {
    return await draw(chart.spec, { id, title: chart.title, description: chart.caption });
  } catch (error: unknown) {
    return `<p>This chart could not be drawn: ${escapeHtml(messageOf(error))}</p>`;
  }
}

async function chartHtml(chart: Extract<Block, { type: 'chart' }>, id: string, draw: DrawChart): Promise<string> {
  const svg = await drawn(chart, id, draw);
  const keys = chart.legend.map(
    ({ label, color, dashed }) =>
      `<li><i${dashed ? ' class="dashed"' : ''} style="color:${escapeHtml(color)}"></i>${escapeHtml(label)}</li>`,
  );
  const data =
    chart.table === null ? '' : `<details><summary>Data as a table</summary>${tableHtml(chart.table)}</details>`;
  return [
    `<figure><p class="charttitle">${escapeHtml(chart.title)}</p><ul class="legend">${keys.join('')}</ul>`,
    `<div class="plot" tabindex="0" role="region" aria-label="${escapeHtml(chart.title)}">${svg}</div>`,
    `<figcaption>${escapeHtml(chart.caption)}</figcaption></figure>${data}\n`,
  ].join('');
}

/** One block as HTML. `id` is unique in the page. */
export async function blockHtml(block: Block, id: string, draw: DrawChart): Promise<string> {
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
      return chartHtml(block, id, draw);
  }
}
