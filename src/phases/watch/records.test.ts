import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BenchError } from '../../base/errors.ts';
import { recordsUnusable } from '../../computed/watched.ts';
import { importers } from '../../importers/index.ts';
import type { ImportedRequest, RecordImporter } from '../../model/importer.ts';
import type { RequestRecord } from '../../model/record.ts';
import { importRecords } from './records.ts';
import { chooseImporter, openResultFile } from './result-file.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-records-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

async function linesOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of openResultFile(path).lines()) {
    lines.push(line);
  }
  return lines;
}

describe('a result file', () => {
  it.each([
    { why: 'nothing', text: '', lines: [] },
    { why: 'a last line with its end', text: 'a\nb\n', lines: ['a', 'b'] },
    { why: 'a last line without', text: 'a\nb', lines: ['a', 'b'] },
    { why: 'empty lines', text: '\n\na', lines: ['', '', 'a'] },
  ])('is read line by line: $why', async ({ text, lines }) => {
    expect(await linesOf(written('lines', text))).toEqual(lines);
  });

  it('keeps a character whole that two chunks share', async () => {
    const line = `${'x'.repeat(1024 * 1024 - 1)}é`;
    expect(await linesOf(written('split', `${line}\n`))).toEqual([line]);
  });

  it('is refused when one line does not end', async () => {
    await expect(linesOf(written('endless', 'x'.repeat(18 * 1024 ** 2)))).rejects.toThrow('a line of more than 16');
  });

  it('is refused as JSON when it is torn', () => {
    expect(() => openResultFile(written('torn', '{"a":[1,')).json()).toThrow('no whole JSON');
  });

  it('is refused as JSON when it is larger than may be held', () => {
    const path = written('large', '{');
    truncateSync(path, 513 * 1024 ** 2);
    expect(() => openResultFile(path).json()).toThrow('JSON is read up to 512');
  });
});

describe('the format of request data', () => {
  it('is told by its content', () => {
    const path = written('k6.json', '{"type":"Metric","data":{"name":"vus"},"metric":"vus"}\n');
    expect(chooseImporter(importers, path, null).id).toBe('k6-json');
  });

  it('is taken as named, without a look', () => {
    expect(chooseImporter(importers, join(scratch, 'not-yet-there'), 'aiperf').id).toBe('aiperf');
  });

  it('is refused when it is none of those known, which are listed', () => {
    const path = written('other.csv', 'time,value\n');
    let hint: string | null = null;
    try {
      chooseImporter(importers, path, null);
    } catch (error: unknown) {
      hint = error instanceof BenchError ? error.hint : null;
    }
    expect(hint).toMatch(/--format.*k6-json.*vllm-bench.*aiperf.*guidellm/);
  });

  it.each([
    ['that is not there', () => join(scratch, 'nowhere'), /ENOENT/],
    ['that is a folder', () => scratch, /no file that can be read/],
  ])('is refused for a path %s', (_why, path, message) => {
    expect(() => chooseImporter(importers, path(), null)).toThrow(message);
    expect(() => chooseImporter(importers, path(), null)).toThrow(BenchError);
  });
});

const request = (over: Partial<ImportedRequest> = {}): ImportedRequest => ({
  itemId: 'a',
  plannedMs: null,
  startMs: 6000,
  bodySentMs: null,
  firstByteMs: null,
  firstContentMs: null,
  endMs: 6500,
  status: 200,
  outcome: 'ok',
  errorCode: null,
  reusedSocket: null,
  ...over,
});

async function importedFrom(requests: readonly ImportedRequest[]) {
  const importer: RecordImporter = {
    id: 'given',
    title: '',
    recognises: () => true,
    async *read() {
      yield* requests;
    },
  };
  const records: RequestRecord[] = [];
  const { notes, warnings } = await importRecords({
    importer,
    file: openResultFile(written('given', '')),
    context: { wallZeroMs: 0, monotonicZeroMs: 0, startMs: 5000, endMs: 10_000 },
    stage: 'load',
    onRecord: (record) => records.push(record),
  });
  const isUnusable = notes.some(({ what }) => what === recordsUnusable);
  return { records, whys: notes.map(({ why }) => why), warnings, isUnusable };
}

describe('imported requests', () => {
  it('are records of the stage of the command, counted from when they were sent', async () => {
    const { records, whys } = await importedFrom([request(), request({ startMs: 7000, plannedMs: 6900 })]);
    expect(records.map(({ seq, stage, plannedMs, check, slot }) => [seq, stage, plannedMs, check, slot])).toEqual([
      [0, 'load', 6000, 'none', null],
      [1, 'load', 6900, 'none', null],
    ]);
    expect(whys).toContain('given does not tell them for 1 of 2: their latency counts from sending');
  });

  const before = request({ startMs: 900 });
  const after = request({ startMs: null, plannedMs: 12_000 });
  it.each([
    { why: 'none', requests: [request()], taken: 1, outside: 0, isUnusable: false },
    { why: 'one before', requests: [before, request(), request()], taken: 2, outside: 1, isUnusable: false },
    { why: 'half of them', requests: [before, request()], taken: 1, outside: 1, isUnusable: false },
    { why: 'most of them', requests: [before, after, request()], taken: 1, outside: 2, isUnusable: true },
    { why: 'all', requests: [after], taken: 0, outside: 1, isUnusable: true },
    {
      why: 'none of what has no time at all',
      requests: [request({ startMs: null, endMs: null })],
      taken: 1,
      outside: 0,
      isUnusable: false,
    },
  ])('leave out those sent outside the time of the command, with a warning: $why', async (row) => {
    const { records, warnings, isUnusable } = await importedFrom(row.requests);
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: row.taken }, (_, seq) => seq));
    expect(warnings.map((text) => text.split(' sent outside')[0])).toEqual(
      row.outside === 0
        ? []
        : [`${row.outside} of ${row.taken + row.outside} requests of ${join(scratch, 'given')} were`],
    );
    expect(isUnusable).toBe(row.isUnusable);
  });

  it('say when there are none', async () => {
    expect((await importedFrom([])).whys.join()).toContain('holds no request');
  });
});
