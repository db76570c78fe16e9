import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyRecord, type RequestRecord } from '../model/record.ts';
import { CsvAppender } from './append-csv.ts';
import { eventColumns, eventRow, requestColumns, requestRow, sampleColumns } from './columns.ts';
import { readRun } from './read-run.ts';
import { readTable } from './read-table.ts';
import { createRunFolder, findRunFolder, listRunIds, type RunFolder, readManifest, readResult } from './run-folder.ts';
import { checkSeal, seal } from './seal.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-store-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const record: RequestRecord = {
  seq: 3_000_001,
  stage: 'overload',
  itemId: 'stt-short/00001',
  slot: null,
  attempt: 2,
  retryOf: 3_000_000,
  plannedMs: 1234.5678,
  startMs: 1235,
  connectedMs: null,
  bodySentMs: null,
  firstByteMs: null,
  firstContentMs: null,
  endMs: 2000.25,
  bytesOut: 44,
  bytesIn: 0,
  status: null,
  outcome: 'reset',
  errorCode: '=cmd|calc',
  route: null,
  reusedSocket: false,
  check: 'none',
  answerDigest: null,
  spokenWords: null,
  wordErrors: null,
  events: null,
  outputTokens: null,
};

function writeRun(): RunFolder {
  const folder = createRunFolder(scratch, 'a-run');
  writeFileSync(folder.manifest, JSON.stringify({ schemaVersion: '0.2', status: 'running' }));
  const requests = new CsvAppender(folder.requests, requestColumns);
  requests.append(requestRow(record));
  requests.close();
  const samples = new CsvAppender(folder.samples, sampleColumns);
  samples.append([0, 'base', 'psi', 'host', 'host', 'x_us', 12, 'ok']);
  samples.append([1000, 'base', 'psi', 'host', 'host', 'x_us', null, 'missed']);
  samples.close();
  const events = new CsvAppender(folder.events, eventColumns);
  events.append(eventRow({ tMs: 0, kind: 'run_start', stage: '', subject: 'a "quoted", name', detail: 'two\nlines' }));
  events.close();
  return folder;
}

describe('append-csv', () => {
  it('writes false as a word, null and NaN as nothing, and milliseconds with three decimals', () => {
    const path = join(scratch, 'x.csv');
    const csv = new CsvAppender(path, ['a', 'b', 'c', 'd']);
    csv.append([false, null, Number.NaN, -1.23456]);
    csv.close();
    expect(readFileSync(path, 'utf8')).toBe('a,b,c,d\nfalse,,,-1.235\n');
  });

  it('defuses a text that a spreadsheet would run, and leaves negative numbers alone', () => {
    const path = join(scratch, 'x.csv');
    const csv = new CsvAppender(path, ['text', 'number']);
    csv.append(['=1+1', -5]);
    csv.close();
    expect(readFileSync(path, 'utf8')).toBe("text,number\n'=1+1,-5\n");
  });

  it('refuses a row of another width than the header', () => {
    const csv = new CsvAppender(join(scratch, 'x.csv'), ['a', 'b']);
    expect(() => csv.append([1])).toThrow('1 fields for 2 columns');
    csv.close();
  });
});

describe('read-run', () => {
  it('reads back what was written, with missing fields as null and missed samples as gaps', async () => {
    const run = await readRun(writeRun());
    expect(run.records.map(copyRecord)).toEqual([{ ...record, plannedMs: 1234.568 }]);
    expect(run.events[0]).toMatchObject({ subject: 'a "quoted", name', detail: 'two\nlines' });
    expect([...(run.samples.series('host', 'host', 'x_us')?.values ?? [])]).toEqual([12, Number.NaN]);
    expect(run.samples.series('host', 'host', 'never')).toBeNull();
  });

  it('reads the table of a neighbour where there is one', async () => {
    const folder = writeRun();
    expect((await readRun(folder)).neighbour).toBeNull();
    const table = new CsvAppender(folder.neighbour, requestColumns);
    table.append(requestRow({ ...record, errorCode: null }));
    table.close();
    expect((await readRun(folder)).neighbour?.map(copyRecord)).toEqual([
      { ...record, plannedMs: 1234.568, errorCode: null },
    ]);
  });

  it('finds nothing recorded in the folder of a harness that was killed before it gathered', async () => {
    const folder = createRunFolder(scratch, 'a-run');
    writeFileSync(folder.manifest, JSON.stringify({ schemaVersion: '0.2', status: 'running', measured: null }));
    const run = await readRun(folder);
    expect({ records: run.records, events: run.events }).toEqual({ records: [], events: [] });
  });

  it('misses a table that gathering has closed', async () => {
    const folder = createRunFolder(scratch, 'a-run');
    writeFileSync(folder.manifest, JSON.stringify({ schemaVersion: '0.2', measured: { planned: 0 } }));
    await expect(readRun(folder)).rejects.toThrow('requests.csv is missing');
  });

  it('drops a row that was torn behind a newline between its quotes', async () => {
    const folder = writeRun();
    appendFileSync(folder.events, '5,abort,load,"two\nlines');
    expect((await readRun(folder)).events).toHaveLength(1);
  });

  it('drops a last line that a killed writer left without its newline', async () => {
    const folder = writeRun();
    appendFileSync(folder.samples, '2000,base,psi,host,host,x_us,9');
    const run = await readRun(folder);
    expect(run.samples.series('host', 'host', 'x_us')?.tMs).toHaveLength(2);
  });

  it('finds the last newline also when the torn line is longer than one block', async () => {
    const path = join(scratch, 'long.csv');
    writeFileSync(path, `a\n1\n${'x'.repeat(10_000)}`);
    const rows: string[] = [];
    await readTable(path, ['a'], ([a]) => rows.push(a ?? ''));
    expect(rows).toEqual(['1']);
  });

  it('says which columns it expected when a table is another one', async () => {
    const path = join(scratch, 'other.csv');
    writeFileSync(path, 'b\n1\n');
    await expect(readTable(path, ['a'], () => undefined)).rejects.toThrow('has the columns b');
  });
});

describe('run-folder', () => {
  it('never uses the folder of an earlier run again', () => {
    createRunFolder(scratch, 'a-run');
    expect(() => createRunFolder(scratch, 'a-run')).toThrow('A run "a-run" is already in');
  });

  it.each([{ runId: '../../up' }, { runId: '/etc/x' }, { runId: '..' }, { session: { id: '../x' } }, { runId: 7 }])(
    'refuses a manifest and a result that would name a file elsewhere: %j',
    (over) => {
      const folder = writeRun();
      const text = JSON.stringify({ ...JSON.parse(readFileSync(folder.manifest, 'utf8')), ...over });
      writeFileSync(folder.manifest, text);
      writeFileSync(folder.result, text);
      const refusal = expect.objectContaining({ code: 'RESULT_UNREADABLE' }) as Error;
      expect(() => readManifest(folder)).toThrow(refusal);
      expect(() => readResult(folder)).toThrow(refusal);
    },
  );

  it.each([
    ['a link', (path: string) => symlinkSync('/etc/passwd', path)],
    ['a link to nothing', (path: string) => symlinkSync('/nonexistent', path)],
    ['a pipe', (path: string) => execaSync('mkfifo', [path])],
  ])('refuses a run that holds %s, and lists the others', (_what, make) => {
    const folder = writeRun();
    make(join(folder.logs, 'target.log'));
    expect(() => findRunFolder('a-run', scratch)).toThrow(expect.objectContaining({ code: 'RESULT_UNREADABLE' }));
    symlinkSync('/nonexistent', join(scratch, 'dangling'));
    expect(listRunIds(scratch)).toEqual(['a-run']);
  });

  it('suggests the run that was meant', () => {
    writeRun();
    expect(() => findRunFolder('a-rum', scratch)).toThrow(expect.objectContaining({ hint: 'Did you mean "a-run"?' }));
  });

  it.each([
    { why: 'all where they are few', runs: 2, hint: /: run-0, run-1\.$/ },
    { why: 'how many it leaves out', runs: 7, hint: /: run-2, run-3, run-4, run-5, run-6, and 2 older\.$/ },
  ])('names the runs that are there, $why', ({ runs, hint }) => {
    for (let number = 0; number < runs; number += 1) {
      writeFileSync(join(createRunFolder(scratch, `run-${number}`).path, 'manifest.json'), '{}');
    }
    const hinted: unknown = expect.stringMatching(hint);
    expect(() => findRunFolder('quite-another', scratch)).toThrow(expect.objectContaining({ hint: hinted }));
  });
});

describe('seal', () => {
  it('holds beside what a harness leaves that was killed while it replaced a file', async () => {
    const folder = writeRun();
    await seal(folder);
    writeFileSync(`${folder.result}.4711`, '{"half');
    expect((await checkSeal(folder)).differences).toEqual([]);
  });

  it('holds until a sealed file is changed, added or removed; result.json may be rebuilt', async () => {
    const folder = writeRun();
    expect((await checkSeal(folder)).sealed).toBe(false);
    await seal(folder);
    writeFileSync(folder.result, '{}');
    expect(await checkSeal(folder)).toEqual({ sealed: true, differences: [] });
    appendFileSync(folder.events, '1,run_end,,,\n');
    writeFileSync(join(folder.logs, 'late.log'), 'x');
    rmSync(folder.requests);
    expect((await checkSeal(folder)).differences).toEqual(
      expect.arrayContaining([
        { file: 'events.csv', difference: 'changed' },
        { file: 'requests.csv', difference: 'missing' },
        { file: 'logs/late.log', difference: 'added' },
      ]),
    );
  });
});
