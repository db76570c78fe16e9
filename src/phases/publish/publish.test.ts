import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryLine } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import type { ReportSection } from '../../model/section.ts';
import { memoryOverTime } from '../../sections/memory-over-time.ts';
import { writeDecision } from '../../store/decision-file.ts';
import { appendHistory, historyFile } from '../../store/history.ts';
import { writeResult } from '../../store/run-folder.ts';
import { pastNight, shippedConstants, testedSeries } from '../../testing/gate-nights.ts';
import { removeScratch, scratchFolder, writeRun } from '../../testing/run-folder.ts';
import { sampleDecision } from '../../testing/sample-decision.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { type Published, publish } from './publish.ts';

const mib = 1024 ** 2;
let scratch: string;
let site: string;
let results: string;
beforeEach(() => {
  scratch = scratchFolder();
  site = join(scratch, 'reports');
  results = join(scratch, 'results');
});
afterEach(removeScratch);

const section: ReportSection = {
  id: 'findings',
  title: 'Findings',
  render: ([result]) => [{ type: 'html', html: `<h1>${result.verdict}</h1>` }],
};
const judged: ReportSection = {
  id: 'gate',
  title: 'Gate',
  render: (_, decision) => [{ type: 'html', html: `<p>${decision?.state ?? 'not judged'}</p>` }],
};
const failing: ReportSection = {
  id: 'broken',
  title: 'Broken',
  render: () => {
    throw new Error('killed here');
  },
};

function run(runId: string): void {
  writeResult(writeRun(results, { runId }), { ...sampleResult(), runId });
}

function nights(count: number, over: (order: number) => Partial<HistoryLine> = () => ({})): void {
  const lines = Array.from({ length: count }, (_, order) => ({ ...pastNight(order, 500 * mib), ...over(order) }));
  appendHistory(historyFile(results, testedSeries), lines as readonly HistoryLine[]);
}

const again = async (
  sections: readonly ReportSection[] = [section],
  told: string[] = [],
  linksRawData: boolean = true,
): Promise<Published> =>
  publish({
    outFolder: results,
    historyFiles: null,
    reportsFolder: site,
    constants: shippedConstants(),
    sections,
    linksRawData,
    tell: (sentence) => told.push(sentence),
  });

const read = (name: string): string => readFileSync(join(site, name), 'utf8');

describe('a published site', () => {
  it('has a row and a page for each run, a row for each night, trends and a feed', async () => {
    run('run-1');
    nights(70);
    expect(await again()).toEqual({ rows: 71, series: 1, rendered: 1, kept: 0 });
    expect(read('index.html')).toContain('href="runs/run-1.html"');
    expect(read('index.html').match(/<tr data-/g)).toHaveLength(71);
    expect(read(`trends/${testedSeries}.html`)).toContain('peak-memory, last 60 nights');
    expect(read(`trends/${testedSeries}.html`)).toContain('All nights');
    expect(read('feed.xml').match(/<entry>/g)).toHaveLength(70);
  });

  it('tells nights of one day apart by their time', async () => {
    nights(5, (order) => ({ at: `2026-03-01T0${order}:30:00.000Z` }));
    await again();
    const trends = read(`trends/${testedSeries}.html`);
    expect(trends).toContain('>03-01 02:00<');
    expect(trends).toContain('>2026-03-01 04:30</th>');
  });

  it('keeps pages whose result has not changed, and renders the others', async () => {
    run('run-1');
    await again();
    const before = statSync(join(site, 'runs/run-1.html')).ino;
    run('run-2');
    expect(await again()).toMatchObject({ rendered: 1, kept: 1 });
    expect(statSync(join(site, 'runs/run-1.html')).ino).toBe(before);
  });

  it('links raw data unless the site goes elsewhere without them', async () => {
    run('run-1');
    const linked = /href="[^"]*run-1\/samples[^"]*"/;
    await again([memoryOverTime]);
    expect(read('runs/run-1.html')).toMatch(linked);
    expect(await again([memoryOverTime], [], false)).toMatchObject({ rendered: 1 });
    expect(read('runs/run-1.html')).not.toMatch(linked);
  });

  it('has on the page of each run what the gate said of its session, and anew when the gate is asked again', async () => {
    for (const id of ['run-1', 'run-2', 'run-3']) {
      run(id);
    }
    expect(await again([judged])).toMatchObject({ rendered: 3 });
    expect(read('runs/run-1.html')).toContain('<p>not judged</p>');
    const decision = { ...sampleDecision(), runIds: ['run-1'], confirmationRunIds: ['run-2'] };
    writeDecision(results, { ...decision, state: 'fail' });
    expect(await again([judged])).toMatchObject({ rendered: 2, kept: 1 });
    const said = ['run-1', 'run-2', 'run-3'].map((id) => /<p>(.*)<\/p>/.exec(read(`runs/${id}.html`))?.[1]);
    expect(said).toEqual(['fail', 'fail', 'not judged']);
    // The verdict of the sample is a fail too.
    const failsInIndex = ['run-1', 'run-2', 'run-3'].map((id) => {
      const row = new RegExp(`runs/${id}\\.html.*?</tr>`, 's').exec(read('index.html'))?.[0];
      return row?.match(/fail<\/td>/g)?.length;
    });
    expect(failsInIndex).toEqual([2, 2, 1]);
    writeDecision(results, { ...decision, state: 'flaky' });
    await again([judged]);
    expect(read('runs/run-1.html')).toContain('<p>flaky</p>');
  });

  it('tells of a decision that cannot be read, and goes on without it', async () => {
    run('run-1');
    writeFileSync(writeDecision(results, sampleDecision()), '{}');
    const told: string[] = [];
    expect(await again([judged], told)).toMatchObject({ rendered: 1 });
    expect(told).toEqual([expect.stringContaining('is no decision of the gate')]);
  });

  it('keeps the pages of runs that are gone for 90 days, and those of failures longer', async () => {
    const of = (runId: string, over: Partial<RunResult>): void =>
      writeResult(writeRun(results, { runId }), { ...sampleResult(), runId, ...over });
    of('run-old', { startedAt: '2026-01-01T00:00:00Z', verdict: 'ok' });
    of('run-old-failed', { startedAt: '2026-01-01T00:00:00Z', verdict: 'fail' });
    await again();
    rmSync(results, { recursive: true });
    of('run-next', { startedAt: '2026-03-31T00:00:00Z', verdict: 'ok' });
    expect(await again()).toEqual({ rows: 3, series: 0, rendered: 1, kept: 0 });
    expect(read('index.html').match(/href="runs\//g)).toHaveLength(3);
    rmSync(results, { recursive: true });
    of('run-last', { startedAt: '2026-04-02T00:00:00Z', verdict: 'ok' });
    await again();
    const pages = readdirSync(join(site, 'runs')).filter((name) => name.endsWith('.html'));
    expect(pages.toSorted()).toEqual(['run-last.html', 'run-next.html', 'run-old-failed.html']);
  });

  it('is the same twice, byte by byte', async () => {
    run('run-1');
    nights(20);
    await again();
    const first = ['index.html', 'feed.xml', `trends/${testedSeries}.html`, 'runs/run-1.html'].map(read);
    await again();
    expect(['index.html', 'feed.xml', `trends/${testedSeries}.html`, 'runs/run-1.html'].map(read)).toEqual(first);
  });

  it('stays as it was where publishing fails, and leaves nothing beside it', async () => {
    run('run-1');
    await again();
    const before = read('index.html');
    run('run-2');
    await expect(again([failing])).rejects.toThrow('killed here');
    expect(read('index.html')).toBe(before);
    expect(readdirSync(scratch).toSorted()).toEqual(['reports', 'results']);
  });

  it('comes back after a kill between its two renames', async () => {
    run('run-1');
    await again();
    writeFileSync(join(site, 'mine.txt'), 'kept');
    renameSync(site, `${site}.former`);
    await again();
    expect(read('mine.txt')).toBe('kept');
    expect(existsSync(`${site}.former`)).toBe(false);
  });

  it('leaves what others put there', async () => {
    for (const name of ['README.md', 'a-run.html', 'folder/deep.txt']) {
      mkdirSync(dirname(join(site, name)), { recursive: true });
      writeFileSync(join(site, name), name);
    }
    await again();
    expect(['README.md', 'a-run.html', 'folder/deep.txt'].map(read)).toEqual([
      'README.md',
      'a-run.html',
      'folder/deep.txt',
    ]);
  });

  it('holds 200 rows on its first page and all on the pages of the years', async () => {
    nights(250);
    await again();
    expect(read('index.html').match(/<tr data-/g)).toHaveLength(200);
    expect(read('years/2026.html').match(/<tr data-/g)).toHaveLength(250);
  });

  it('loads nothing, and lets no text of a run become markup', async () => {
    nights(3, () => ({ subject: { version: '<script>alert(1)</script>', commit: null, image: null } }));
    await again();
    expect(read('index.html')).toContain("default-src 'none'");
    expect(read('index.html')).not.toContain('<script>alert');
    expect(read('index.html')).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(read('feed.xml')).not.toContain('<script>');
  });

  it('tells of a run without a result, and goes on', async () => {
    writeRun(results, { runId: 'unfinished' });
    const told: string[] = [];
    expect(await again([section], told)).toMatchObject({ rows: 0 });
    expect(told).toEqual(['unfinished has no page: unfinished has no result.json yet.']);
  });
});
