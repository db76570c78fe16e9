import { escapeHtml } from '../../base/escape-html.ts';
import { formatBytes, formatShare } from '../../base/units.ts';
import { gateLooks, gateWords } from '../../sections/wording/gate-values.ts';
import type { RunRow } from './rows.ts';
import { filterScript } from './site-filter.ts';
import { sitePage } from './site-page.ts';
import type { SeriesTrends } from './trends.ts';

/** Rows of the first page; all of them are on the pages of their years. */
export const indexLength = 200;

const verdictWords: Readonly<Record<NonNullable<RunRow['verdict']>, string>> = {
  ok: '✓ ok',
  warn: '! warn',
  fail: '✕ fail',
  inconclusive: '? inconclusive',
  invalid: '✕ invalid',
};

const looks: Readonly<Record<NonNullable<RunRow['verdict']>, string>> = {
  ok: 'ok',
  warn: 'warn',
  fail: 'fail',
  inconclusive: '',
  invalid: 'fail',
};

/** What the index links to. */
export interface IndexLinks {
  /** Ids of runs that have a page. */
  pages: ReadonlySet<string>;
  root: string;
}

function peakText({ peakBytes, limitBytes }: RunRow): string {
  if (peakBytes === null) {
    return 'n/a';
  }
  return limitBytes === null
    ? formatBytes(peakBytes)
    : `${formatBytes(peakBytes)} of ${formatBytes(limitBytes)}, ${formatShare(peakBytes / limitBytes)}`;
}

function rowHtml(row: RunRow, { pages, root }: IndexLinks): string {
  const { verdict, decision } = row;
  const state = verdict ?? decision ?? '';
  const name = escapeHtml(row.at.replace('T', ' ').slice(0, 16));
  const link = pages.has(row.id) ? `<a href="${root}runs/${encodeURIComponent(row.id)}.html">${name}</a>` : name;
  return [
    `<tr data-profile="${escapeHtml(row.profile)}" data-verdict="${escapeHtml(state)}" data-host="${escapeHtml(row.hostClass)}">`,
    `<th scope="row">${link}</th><td>${escapeHtml(row.profile)}</td>`,
    `<td class="state ${verdict === null ? '' : looks[verdict]}">${verdict === null ? '–' : verdictWords[verdict]}</td>`,
    `<td class="state ${decision === null ? '' : gateLooks[decision]}">${decision === null ? '–' : gateWords[decision]}</td>`,
    `<td class="figure">${escapeHtml(peakText(row))}</td>`,
    `<td>${escapeHtml(row.subject || '–')}</td><td>${escapeHtml(row.hostClass || '–')}</td></tr>`,
  ].join('');
}

function tableHtml(rows: readonly RunRow[], caption: string, links: IndexLinks): string {
  const headings = ['started (UTC)', 'profile', 'verdict', 'decision', 'peak of limit', 'subject', 'host class'];
  return [
    `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table class="runs">`,
    `<caption><span>${escapeHtml(caption)}</span></caption><thead><tr>`,
    ...headings.map((heading) => `<th scope="col">${heading}</th>`),
    '</tr></thead><tbody>\n',
    ...rows.map((row) => `${rowHtml(row, links)}\n`),
    '</tbody></table></div>\n',
  ].join('');
}

function choice(name: string, label: string, values: readonly string[]): string {
  const options = [...new Set(values)]
    .filter((value) => value !== '')
    .sort()
    .map((value) => `<option>${escapeHtml(value)}</option>`);
  return `<label>${label}<select name="${name}"><option value="">all</option>${options.join('')}</select></label>`;
}

function filters(rows: readonly RunRow[]): string {
  return [
    '<form class="filters" hidden>',
    choice(
      'profile',
      'Profile',
      rows.map(({ profile }) => profile),
    ),
    choice(
      'verdict',
      'Verdict',
      rows.map(({ verdict, decision }) => verdict ?? decision ?? ''),
    ),
    choice(
      'host',
      'Host class',
      rows.map(({ hostClass }) => hostClass),
    ),
    '<label>Text<input name="text" type="search"></label>',
    '<p id="shown" role="status"></p></form>\n',
  ].join('');
}

function trendList(trends: readonly SeriesTrends[], root: string): string {
  const items = trends.map(
    ({ series, profile, recent }) =>
      `<li><a href="${root}trends/${encodeURIComponent(series)}.html">${escapeHtml(profile)}</a> <code>${escapeHtml(series)}</code>, ${recent.length} metrics</li>`,
  );
  return items.length === 0 ? '' : `<h2 id="trends">Trends over nights</h2>\n<ul>${items.join('')}</ul>\n`;
}

export function indexPage(
  rows: readonly RunRow[],
  trends: readonly SeriesTrends[],
  pages: ReadonlySet<string>,
): string {
  const shown = rows.slice(0, indexLength);
  const years = yearsOf(rows).map((year) => `<li><a href="years/${year}.html">${year}</a></li>`);
  const newest = rows[0];
  const headline =
    newest === undefined ? 'No run yet' : `${rows.length} runs and nights, the last of ${newest.at.slice(0, 10)}`;
  return sitePage({
    title: 'Headroom: runs',
    root: '',
    script: filterScript,
    body: [
      `<h1>${headline}</h1>\n`,
      filters(shown),
      tableHtml(shown, `The last ${shown.length} of ${rows.length}; – where nothing is kept`, { pages, root: '' }),
      years.length === 0 ? '' : `<nav aria-label="All by year"><ul><li>All of:</li>${years.join('')}</ul></nav>\n`,
      trendList(trends, ''),
      '<p><a href="feed.xml">Decisions as an Atom feed</a></p>\n',
    ].join(''),
  });
}

export const yearsOf = (rows: readonly RunRow[]): readonly string[] =>
  [...new Set(rows.map(({ at }) => at.slice(0, 4)))].sort().reverse();

export function yearPage(year: string, rows: readonly RunRow[], pages: ReadonlySet<string>): string {
  const shown = rows.filter(({ at }) => at.startsWith(year));
  return sitePage({
    title: `Headroom: runs of ${year}`,
    root: '../',
    script: filterScript,
    body: [
      `<p><a href="../index.html">All runs</a></p>\n<h1>${shown.length} runs and nights of ${escapeHtml(year)}</h1>\n`,
      filters(shown),
      tableHtml(shown, `All of ${year}; – where nothing is kept`, { pages, root: '../' }),
    ].join(''),
  });
}
