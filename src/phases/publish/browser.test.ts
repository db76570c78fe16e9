import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonSections } from '../../sections/compare/sections.ts';
import { pastNight, shippedConstants } from '../../testing/gate-nights.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { renderPage } from '../render/render.ts';
import { indexPage } from './index-page.ts';
import { trendsPage } from './pages.ts';
import type { RunRow } from './rows.ts';
import { trendsOf } from './trends.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
const executablePath = [
  process.env['CHROMIUM_PATH'] ?? '',
  ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
].find((path) => path !== '' && existsSync(path));
const title = 'the pages of a site in a browser';
const why = executablePath === undefined ? `${title} (skipped: no ${names.join(', ')} on PATH)` : title;

const rows = ['ok', 'warn', 'fail'].map(
  (verdict, index): RunRow => ({
    id: `run-${index}`,
    sessionId: `run-${index}`,
    at: `2026-01-0${index + 1}T00:00:00Z`,
    profile: index === 0 ? 'smoke' : 'soak',
    verdict: verdict as RunRow['verdict'],
    decision: index === 2 ? 'fail' : 'pass',
    subject: `1.${index}`,
    hostClass: 'tested',
    peakBytes: 5e8,
    limitBytes: 9e8,
  }),
);

async function pages(): Promise<Readonly<Record<string, string>>> {
  const history = Array.from({ length: 40 }, (_, order) => pastNight(order, 5e8));
  const trends = trendsOf('a-series', history, shippedConstants());
  const side = { label: 'base', name: 'a', runs: [sampleResult()] as const, metrics: [] };
  const comparison = {
    base: side,
    candidates: [{ ...side, label: 'candidate', name: 'b', differences: [], inWords: [] }] as const,
    isForced: false,
    constants: shippedConstants(),
  };
  return {
    index: indexPage(rows, [trends], new Set(['run-0'])),
    trends: await trendsPage(trends),
    compare: await renderPage([sampleResult(), sampleResult()], comparisonSections(comparison)),
  };
}

describe.skipIf(executablePath === undefined)(why, { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-site-'));
  let browser: Browser;

  beforeAll(async () => {
    for (const [name, page] of Object.entries(await pages())) {
      writeFileSync(join(folder, `${name}.html`), page);
    }
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox', '--disable-gpu'] });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  const address = (name: string): string => pathToFileURL(join(folder, `${name}.html`)).href;

  it.each([
    { name: 'index', colorScheme: 'light' },
    { name: 'index', colorScheme: 'dark' },
    { name: 'trends', colorScheme: 'light' },
    { name: 'compare', colorScheme: 'dark' },
  ] as const)('$name has no fault that axe knows in the $colorScheme theme, on a phone too', async (row) => {
    const context = await browser.newContext({ colorScheme: row.colorScheme, viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    const told: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    await page.goto(address(row.name));
    const { violations } = await new AxeBuilder({ page }).exclude('svg').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(told).toEqual([]);
    await context.close();
  });

  it('filters the rows of the index by profile, verdict and text, and is whole without scripts', async () => {
    const page = await browser.newPage();
    await page.goto(address('index'));
    const shown = page.locator('table.runs tbody tr:visible');
    await page.getByLabel('Profile').selectOption('soak');
    expect(await shown.count()).toBe(2);
    await page.getByLabel('Verdict').selectOption('fail');
    expect(await page.getByRole('status').innerText()).toBe('1 of 3 rows');
    await page.getByLabel('Text').fill('nothing like it');
    expect(await shown.count()).toBe(0);
    await page.close();
    const still = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await still.goto(address('index'));
    expect(await still.locator('table.runs tbody tr:visible').count()).toBe(3);
    expect(await still.locator('form:visible').count()).toBe(0);
    await still.context().close();
  });
});
