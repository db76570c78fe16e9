import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CsvAppender } from '../../store/append-csv.ts';
import { eventColumns, eventRow, requestColumns, requestRow, sampleColumns } from '../../store/columns.ts';
import { createRunFolder } from '../../store/run-folder.ts';
import { event, mib, profile } from '../../testing/build.ts';
import { manifest } from '../../testing/build-manifest.ts';
import { type Level, ladderRun } from '../../testing/ladder-run.ts';
import { capacityCommand } from './capacity.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-capacity-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** A run folder as a run of these levels leaves it; `growthMib` comes on top in each second of the last pause. */
function keep(levels: readonly Level[], adapter = 'openai-chat', growthMib = 0): void {
  const run = ladderRun(levels);
  const folder = createRunFolder(scratch, 'kept');
  const stages = run.stages.map(({ stage }) => stage);
  writeFileSync(
    folder.manifest,
    JSON.stringify(manifest({ runId: 'kept', adapter, profile: profile({ stages, scale: 0.8 }) })),
  );
  const requests = new CsvAppender(folder.requests, requestColumns);
  for (const record of run.records) {
    requests.append(requestRow(record));
  }
  requests.close();
  const samples = new CsvAppender(folder.samples, sampleColumns);
  const restMs = run.stages.at(-1)?.startMs ?? 0;
  for (const [index, tMs] of run.footprint.total.tMs.entries()) {
    const grown = (growthMib * mib * Math.max(0, tMs - restMs)) / 1000;
    const bytes = (run.footprint.total.values[index] ?? 0) + grown;
    samples.append([tMs, '', 'proc', 'tree', 'tree', 'rss_anon_bytes', bytes, 'ok']);
    samples.append([tMs, '', 'proc', 'process', 'front#1', 'rss_anon_bytes', bytes, 'ok']);
    samples.append([tMs, '', 'proc', 'host', 'host', 'mem_total_bytes', 704 * mib, 'ok']);
  }
  samples.close();
  const events = new CsvAppender(folder.events, eventColumns);
  for (const { name, startMs, endMs } of run.stages) {
    events.append(eventRow(event(startMs, 'stage_start', { stage: name, subject: name })));
    events.append(eventRow(event(endMs, 'stage_end', { stage: name, subject: name })));
  }
  events.close();
}

async function capacity(over: Partial<Parameters<typeof capacityCommand>[1]> = {}): Promise<[number, string]> {
  const lines: string[] = [];
  const code = await capacityCommand(
    'kept',
    { out: scratch, json: false, ...over },
    { out: (text) => lines.push(text) },
  );
  return [code, lines.join('\n')];
}

const sandbox: readonly Level[] = [{ vus: 1, peakMib: 552 }];

describe('bench capacity', () => {
  it('prints the safe concurrency with its arithmetic, each unit and what to set', async () => {
    keep(sandbox);
    const [code, text] = await capacity();
    expect(code).toBe(0);
    expect(text).toContain('safe concurrency     1 request at once');
    expect(text).toContain('(634 MiB - 40.0 MiB) / 512 MiB = 1.16');
    expect(text).toContain('per request        512 MiB');
    expect(text).toContain('memory limit       614 MiB for 1 at once');
    expect(text).not.toMatch(/batch, prefetch|per byte sent/);
  });

  it('names batch and prefetch for a worker that fetches its own work', async () => {
    keep(sandbox, 'job-queue');
    const [, text] = await capacity();
    expect(text).toContain('batch, prefetch    1, 0');
  });

  it('recommends for as many as fit under the limit, not for as many as the run asked for', async () => {
    keep([1, 2, 4, 8].map((vus) => ({ vus, peakMib: 40 + 100 * vus })));
    const [, text] = await capacity({ limit: 600 * mib });
    expect(text).toContain('safe concurrency     5 requests at once');
    expect(text).toContain('memory limit       600 MiB for 5 at once');
  });

  it.each([
    {
      why: 'under a larger limit, at most four times what was measured',
      over: { limit: 4096 * mib },
      safe: 4,
      code: 0,
    },
    {
      why: 'more than is told, whatever the arithmetic says',
      over: { limit: 4096 * mib, concurrency: 5 },
      safe: 4,
      code: 1,
    },
    { why: 'more than fit', over: { concurrency: 2 }, safe: 1, code: 1 },
    { why: 'as many as fit', over: { concurrency: 1 }, safe: 1, code: 0 },
  ])('answers in JSON: $why', async ({ over, safe, code }) => {
    keep(sandbox);
    const [exit, text] = await capacity({ ...over, json: true });
    expect(exit).toBe(code);
    expect(JSON.parse(text)).toMatchObject({
      runId: 'kept',
      capacity: { safeConcurrency: safe },
      capacityUnknown: null,
    });
  });

  it('names the limit that as many as are wanted need', async () => {
    keep(sandbox);
    const [, text] = await capacity({ concurrency: 4 });
    expect(text).toContain('2.27 GiB for 4 at once, which do not fit under 704 MiB');
  });

  it('says how far was measured where the arithmetic says more', async () => {
    keep(sandbox);
    const [code, text] = await capacity({ limit: 4096 * mib, concurrency: 7 });
    expect(code).toBe(1);
    expect(text).toContain(
      'at least 4 requests at once; the arithmetic says 7, but nothing above 1 was measured; run capacity-search to find it',
    );
    expect(text).toContain('for 7 at once, by arithmetic alone: nothing above 1 was measured');
    expect(text).toContain('  concurrency        4');
  });

  it('finds no bound where memory did not grow, and only as far as was measured', async () => {
    keep([1, 2, 4].map((vus) => ({ vus, peakMib: 45 })));
    expect((await capacity())[1]).toContain('no bound by memory was found up to 4 at once; nothing above was measured');
    expect((await capacity({ concurrency: 16 }))[0]).toBe(0);
    expect((await capacity({ concurrency: 64 }))[0]).toBe(1);
  });

  it('is not known where memory grows with nothing in flight, and says what comes first', async () => {
    keep(sandbox, 'openai-chat', 20);
    const [code, text] = await capacity();
    expect(code).toBe(1);
    expect(text).toMatch(/is not known, because memory grows with nothing in flight: by 20\.0 MiB\/s from/);
    expect(text).toContain('Mend that first; bench report kept names who grows.');
  });

  it('says why it is not known for a run without levels', async () => {
    keep([]);
    const [code, text] = await capacity();
    expect(code).toBe(1);
    expect(text).toContain('is not known, because the run has no judged stage of a steady number of requests at once');
  });
});
