import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { ExportedFile } from '../model/exporter.ts';
import type { HistorySession } from '../model/history.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { otava } from './otava.ts';

const mebibyte = 1024 ** 2;
const sample = sampleResult();
const firstNightMs = Date.UTC(2025, 10, 1);

/** Night `order` of a series whose peak moved to another level at night 20; `more` are further metrics. */
function night(
  order: number,
  more: Readonly<Record<string, number>> = {},
  over: Partial<HistorySession> = {},
): HistorySession {
  const peakMib = (order < 20 ? 500 : 560) + ([0, 2, -1, 1, -2][order % 5] ?? 0);
  const values = { 'peak-memory': peakMib * mebibyte, ...more };
  return {
    kind: 'session',
    schemaVersion: '0.2',
    series: 'longform-sustained-0',
    sessionId: `night-${order}`,
    at: new Date(firstNightMs + order * 86_400_000).toISOString(),
    profile: 'longform-sustained',
    profileHash: sample.profile.hash,
    purpose: 'nightly',
    runIds: [`night-${order}-1`],
    subject: { version: null, commit: `c0ffee${order}`, image: null },
    comparability: { must: {}, warn: {} },
    state: 'pass',
    isAccepted: true,
    metrics: Object.entries(values).map(([id, median]) => ({
      id,
      stage: null,
      instance: null,
      unit: 'bytes',
      isBiggerBetter: false,
      values: [median],
      median,
      isSuspect: false,
    })),
    identities: [],
    ...over,
  };
}

/** This session measured its peak and what was left after load, and nothing else. */
function present(peakMib: number, over: Partial<typeof sample> = {}): typeof sample {
  const memory = { ...sample.memory, peakBytes: peakMib * mebibyte, floorBytes: 300 * mebibyte, devices: [] };
  return { ...sample, status: 'completed', stages: [], memory, startedAt: '2025-12-20T00:00:00Z', ...over };
}

function write(history: readonly HistorySession[], result = present(560)): readonly ExportedFile[] {
  const answer = otava.write({ results: [result], decision: null, history, loads: new Map() });
  return 'files' in answer ? answer.files : [];
}

const configSchema = z.strictObject({
  tests: z.record(
    z.string(),
    z.strictObject({
      type: z.literal('csv'),
      file: z.string(),
      csv_options: z.strictObject({ delimiter: z.literal(','), quote_char: z.literal('"') }),
      time_column: z.literal('time'),
      attributes: z.array(z.string()),
      metrics: z.record(
        z.string(),
        z.strictObject({ column: z.string(), scale: z.literal(1), direction: z.union([z.literal(1), z.literal(-1)]) }),
      ),
    }),
  ),
});

/** Columns that its own test reads, each with a cell in every row. */
function tablesOf(
  files: readonly ExportedFile[],
): readonly { metrics: readonly string[]; rows: readonly Record<string, string>[] }[] {
  const config = configSchema.parse(parseYaml(files.find(({ name }) => name === 'otava.yaml')?.text ?? ''));
  return Object.values(config.tests).map((test) => {
    const text = files.find(({ name }) => name === test.file)?.text ?? '';
    const rows = parse<Record<string, string>>(text, { columns: true });
    for (const row of rows) {
      expect(Object.values(row)).not.toContain('');
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining([
          'time',
          ...test.attributes,
          ...Object.values(test.metrics).map(({ column }) => column),
        ]),
      );
    }
    return { metrics: Object.keys(test.metrics), rows };
  });
}

describe('Otava', () => {
  it('is as it was (update: vitest run src/exporters --update)', async () => {
    const text = write([night(1, { 'settled-memory': 5 }), night(2)]).map((file) => `${file.name}\n${file.text}`);
    await expect(text.join('\n')).toMatchFileSnapshot('golden/otava.txt');
  });

  it('sorts the nights by time and ends with this session', () => {
    const [table] = tablesOf(write([night(3), night(1), night(2)]));
    expect(table?.rows.map(({ commit }) => commit)).toEqual(['c0ffee1', 'c0ffee2', 'c0ffee3', 'unknown']);
    expect(table?.rows.at(-1)?.['time']).toBe('2025-12-20 00:00:00 +0000');
  });

  it('gives metrics of other nights a table of their own, so that no cell is empty', () => {
    const files = write([night(1), night(2, { 'settled-memory': 5 }), night(3, { 'settled-memory': 6 })]);
    expect(tablesOf(files).map(({ metrics, rows }) => ({ metrics, nights: rows.length }))).toEqual([
      { metrics: ['peak-memory'], nights: 4 },
      { metrics: ['settled-memory'], nights: 3 },
    ]);
  });

  it.each([
    { why: 'pull requests', over: { purpose: 'pr' as const } },
    { why: 'invalid sessions', over: { state: 'invalid' as const } },
  ])('leaves out nights of $why', ({ over }) => {
    const [table] = tablesOf(write([night(1), night(2, {}, over)]));
    expect(table?.rows.map(({ commit }) => commit)).toEqual(['c0ffee1', 'unknown']);
  });

  it.each([
    { why: 'a formula', commit: '=1+1', cell: "'=1+1" },
    { why: 'a quote and a comma', commit: 'a","b', cell: 'a","b' },
    { why: 'a line feed', commit: 'a\nb', cell: 'a b' },
    { why: 'blanks', commit: '  ', cell: 'unknown' },
  ])('keeps a commit with $why in its cell', ({ commit, cell }) => {
    const subject = { version: null, commit, image: null };
    const [table] = tablesOf(write([night(1, {}, { subject })]));
    expect(table?.rows[0]?.['commit']).toBe(cell);
  });

  it('has -1 where less is better and 1 for throughput', () => {
    const answer = otava.write({ results: [sample], decision: null, history: [], loads: new Map() });
    const files = 'files' in answer ? answer.files : [];
    const config = configSchema.parse(parseYaml(files[0]?.text ?? ''));
    const metrics = config.tests['longform-sustained']?.metrics;
    expect(metrics?.['throughput/hold']?.direction).toBe(1);
    expect(metrics?.['p95-latency/hold']?.direction).toBe(-1);
  });

  it('is refused for an invalid run', () => {
    expect(otava.write({ results: [emptyResult()], decision: null, history: [], loads: new Map() })).toHaveProperty(
      'unexportable',
    );
  });
});

const hasOtava = spawnSync('otava', ['--help']).status === 0;

describe('the real otava (skipped where it is not on PATH: pip install apache-otava)', () => {
  let folder: string | null = null;
  afterEach(() => {
    if (folder !== null) {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.skipIf(!hasOtava)('finds a step of 12 % at the night where it was planted', () => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-otava-'));
    for (const { name, text } of write(Array.from({ length: 40 }, (_, order) => night(order)))) {
      writeFileSync(join(folder, name), text);
    }
    const told = spawnSync(
      'otava',
      ['analyze', 'longform-sustained', '--config-file', 'otava.yaml', '-M', '0.05', '--since', '2025-01-01'],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, BRANCH: '' } },
    );
    expect(told.stdout).toMatch(/\+12\.0%.*\n.*\n2025-11-21 /);
  });
});
