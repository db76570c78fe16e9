import { escapeHtml } from '../../base/escape-html.ts';
import { trendChart } from '../../sections/trends/trend-chart.ts';
import { blockHtml } from '../render/block.ts';
import { openChartDrawing } from '../render/chart.ts';
import { sitePage } from './site-page.ts';
import type { SeriesTrends } from './trends.ts';

/** Every metric of a series: its last nights one by one, then all of them. */
export async function trendsPage({ series, profile, recent, overview }: SeriesTrends): Promise<string> {
  const context = { draw: await openChartDrawing(), isZoomable: false, resultsHref: null };
  const charts: string[] = [];
  for (const [index, trend] of recent.entries()) {
    charts.push(await blockHtml(trendChart(trend, true), `nights-${index + 1}`, context));
  }
  const all: string[] = [];
  for (const [index, trend] of overview.entries()) {
    all.push(await blockHtml(trendChart(trend, false), `all-${index + 1}`, context));
  }
  return sitePage({
    title: `${profile}: trends`,
    root: '../',
    script: null,
    body: [
      '<p><a href="../index.html">All runs</a></p>\n',
      `<h1>${escapeHtml(profile)} over nights</h1>\n`,
      `<p>Series <code>${escapeHtml(series)}</code>: its nights agree in all that must agree to be compared. A line that breaks off has nights between that were not comparable, or none.</p>\n`,
      charts.length === 0 ? '<p>No night of this series measured anything.</p>\n' : charts.join(''),
      all.length === 0 ? '' : `<h2 id="all-nights">All nights</h2>\n${all.join('')}`,
    ].join(''),
  });
}
