import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { RunResult } from '../../model/result.ts';
import { writeResult } from '../../store/run-folder.ts';
import { removeScratch, scratchFolder, writeRun } from '../../testing/run-folder.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { compareCommand } from './compare.ts';

afterEach(removeScratch);

it.each([
  { why: 'comparable', over: {}, force: false, code: 0, told: 0, pages: 1 },
  {
    why: 'another engine',
    over: { engine: { id: 'k6', version: '2', why: '' } },
    force: false,
    code: 4,
    told: 2,
    pages: 0,
  },
  {
    why: 'another engine, forced',
    over: { engine: { id: 'k6', version: '2', why: '' } },
    force: true,
    code: 0,
    told: 2,
    pages: 1,
  },
] satisfies { over: Partial<RunResult>; [key: string]: unknown }[])('exits by what it found: $why', async (row) => {
  const scratch = scratchFolder();
  for (const [runId, over] of [
    ['a', {}],
    ['b', row.over],
  ] as const) {
    writeResult(writeRun(join(scratch, 'results'), { runId }), { ...sampleResult(), ...over, runId });
  }
  const told: string[] = [];
  const options = { out: join(scratch, 'results'), reports: join(scratch, 'reports'), force: row.force, json: true };
  const out: string[] = [];
  const code = await compareCommand(['a', 'b'], options, {
    out: (text) => out.push(text),
    err: (text) => told.push(text),
  });
  expect(code).toBe(row.code);
  expect(told).toHaveLength(row.told);
  expect(JSON.parse(out.join(''))).toMatchObject({ state: row.code === 4 ? 'not-comparable' : 'compared' });
  expect(readdirSync(scratch).includes('reports') ? readdirSync(join(scratch, 'reports')) : []).toHaveLength(row.pages);
});

it('tells on the terminal what the page says: the headline, what is not within, and where it lies', async () => {
  const scratch = scratchFolder();
  const { memory } = sampleResult();
  for (const [runId, times] of [
    ['a', 1],
    ['b', 1.5],
  ] as const) {
    const peakBytes = (memory.peakBytes ?? 0) * times;
    const result = { ...sampleResult(), guard: null, events: [], memory: { ...memory, peakBytes }, runId };
    writeResult(writeRun(join(scratch, 'results'), { runId }), result);
  }
  const out: string[] = [];
  await compareCommand(
    ['a', 'b'],
    { out: join(scratch, 'results'), reports: join(scratch, 'reports'), force: false, json: false },
    { out: (text) => out.push(text), err: () => undefined },
  );
  expect(out[0]).toMatch(/^Peak memory went from .*\(\+50 %\)\.$/);
  expect(out.find((line) => line.includes('peak-memory'))).toMatch(/^candidate: peak-memory, whole run: .*✕ beyond$/);
  expect(out.at(-2)).toMatch(/^candidate: \d+ metrics within the threshold$/);
  expect(out.at(-1)).toMatch(/^report .*\.html$/);
});
