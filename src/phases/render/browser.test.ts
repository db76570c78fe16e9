import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sections } from '../../sections/index.ts';
import { sampleDecision } from '../../testing/sample-decision.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { renderPage } from './render.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const names = ['chromium', 'chromium-browser', 'google-chrome'];

function findBrowser(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const places = [
    process.env['CHROMIUM_PATH'] ?? '',
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
  ];
  return places.find((path) => path !== '' && existsSync(path)) ?? null;
}

/** What went wrong on a page, and what it asked the network for. */
interface Watched {
  page: Page;
  asked: readonly string[];
  told: readonly string[];
}

const executablePath = findBrowser();
const title = 'the page in a browser';
const why = executablePath === null ? `${title} (skipped: no ${names.join(', ')} on PATH, no CHROMIUM_PATH)` : title;

describe.skipIf(executablePath === null)(why, { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-page-'));
  const address = pathToFileURL(join(folder, 'page.html')).href;
  let browser: Browser;
  /** One page whose charts are live serves several tests: making them so takes the longest. */
  let live: Watched;

  beforeAll(async () => {
    const built = spawnSync(process.execPath, [join(root, '.config/chart-runtime.js'), folder], { encoding: 'utf8' });
    expect(built.stderr).toBe('');
    const runtime = { script: readFileSync(join(folder, 'chart-runtime.js'), 'utf8'), href: null };
    writeFileSync(
      join(folder, 'page.html'),
      await renderPage([sampleResult()], sections, sampleDecision(), { runtime, resultsHref: '../results' }),
    );
    // The sandbox of Chromium does not start for root, as tests in a container often are.
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox', '--disable-gpu'] });
    live = await opened({});
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  async function opened(options: BrowserContextOptions): Promise<Watched> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    const page = await context.newPage();
    const asked: string[] = [];
    const told: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    await page.goto(address);
    return { page, asked, told };
  }

  /** Scrolls to every chart that can be zoomed, until all of them are live. */
  async function allLive({ page }: Watched): Promise<number> {
    const charts = page.locator('.plot:has(> script)');
    const count = await charts.count();
    for (let index = 0; index < count; index += 1) {
      await charts.nth(index).scrollIntoViewIfNeeded();
    }
    await expect.poll(async () => page.locator('.plot[data-live=yes]').count()).toBe(count);
    return count;
  }

  /** Each fault with the elements that have it. */
  async function faults(axe: AxeBuilder): Promise<readonly string[]> {
    return (await axe.analyze()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
    );
  }

  it.each(['light', 'dark'] as const)('has texts that axe can read in the %s theme', async (colorScheme) => {
    const { page } = await opened({ colorScheme, javaScriptEnabled: true });
    // Over bands and areas axe cannot tell the ground of a text: the tests of the colours themselves do.
    expect(
      await faults(new AxeBuilder({ page }).withRules('color-contrast').exclude('svg').exclude('details')),
    ).toEqual([]);
    await page.context().close();
  });

  it('draws every chart over time again under its policy, and asks the network for nothing', async () => {
    expect(await allLive(live)).toBeGreaterThan(8);
    expect(live.told).toEqual([]);
    expect(live.asked).toEqual([address]);
  });

  it('has no fault that axe knows, once its charts are live', async () => {
    await allLive(live);
    expect(await faults(new AxeBuilder({ page: live.page }).disableRules('color-contrast'))).toEqual([]);
  });

  it('draws a chart again as it was', async () => {
    const still = await opened({ javaScriptEnabled: false });
    await allLive(live);
    const words = async ({ page }: Watched): Promise<readonly string[]> =>
      (await page.locator('#memory-over-time svg').first().locator('text').allTextContents()).toSorted();
    expect(await words(live)).toEqual(await words(still));
    await still.page.context().close();
  });

  it('zooms all charts to the same time, by button and by drag, and back', async () => {
    await allLive(live);
    const { page } = live;
    const ticks = async (section: string): Promise<string> =>
      (await page.locator(`#${section} svg`).first().locator('text').allTextContents())
        .filter((text) => / s$|^\d+:\d\d$/.test(text))
        .join();
    const whole = await ticks('pressure');
    await page.locator('#memory-over-time').getByRole('button', { name: 'Show less time' }).click();
    await expect.poll(async () => ticks('pressure')).not.toBe(whole);
    const half = await ticks('pressure');
    const chart = page.locator('#latency svg').first();
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    const [x, y] = [(box?.x ?? 0) + 300, (box?.y ?? 0) + 40];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 120, y, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => ticks('pressure')).not.toBe(half);
    await page.locator('#pressure').getByRole('button', { name: 'Show the whole run' }).click();
    await expect.poll(async () => ticks('pressure')).toBe(whole);
    expect(live.told).toEqual([]);
  });

  it('is complete without scripts', async () => {
    const { page } = await opened({ javaScriptEnabled: false });
    expect(await page.locator('h1').innerText()).toMatch(/^Fail: the front process grows/);
    expect(await page.locator('.verdict').first().innerText()).toContain('Do first:');
    expect(await page.locator('svg:visible').count()).toBe(await page.locator('figure').count());
    expect(await page.locator('#minutes tbody tr:visible').count()).toBe(19);
    expect(await page.getByRole('button').count()).toBe(0);
    await page.context().close();
  });

  it('fits a phone: charts and tables scroll sideways, the page does not', async () => {
    const { page } = await opened({ viewport: { width: 390, height: 844 } });
    await page.locator('#memory-over-time .plot').first().scrollIntoViewIfNeeded();
    await page.locator('#memory-over-time .plot[data-live=yes]').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect((await page.locator('#memory-over-time svg').first().boundingBox())?.width).toBeGreaterThanOrEqual(760);
    await page.context().close();
  });
});
