import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { EventKind, RunEvent } from '../model/artifacts.ts';
import type { SampleScope } from '../model/probe.ts';
import type { RequestRecord } from '../model/record.ts';
import type { GatheredRun } from '../model/samples.ts';
import { eventColumns, requestColumns, sampleColumns } from './columns.ts';
import { readItems } from './items-table.ts';
import { scanTable } from './read-table.ts';
import { RecordTable } from './record-table.ts';
import { type RunFolder, readManifest } from './run-folder.ts';
import { SampleTableBuilder } from './sample-table.ts';
import { digests } from './seal.ts';

type ScanTable = typeof scanTable;

async function readRecords(path: string, scan: ScanTable): Promise<readonly RequestRecord[]> {
  const table = new RecordTable();
  await scan(path, requestColumns, (row) => table.add(row));
  return table.records;
}

/** Reads a results folder back, sealed or not; a torn last line is dropped. */
export async function readRun(folder: RunFolder): Promise<GatheredRun> {
  return await readTables(folder, readManifest(folder).measured === null ? scanBegun : scanTable);
}

/** A harness that was killed before it gathered has begun no table, and nothing is missing then. */
const scanBegun: ScanTable = async (path, columns, onRow) =>
  existsSync(path) ? await scanTable(path, columns, onRow) : { rows: 0, tornBytes: 0 };

/** The same of a folder that is not whole: a missing table is empty, and `tell` hears a sentence of each loss. */
export async function readWhatIsLeft(folder: RunFolder, tell: (sentence: string) => void): Promise<GatheredRun> {
  return await readTables(folder, async (path, columns, onRow) => {
    const name = relative(folder.path, path);
    if (!existsSync(path)) {
      tell(`${name} is missing: what it held is unknown.`);
      return { rows: 0, tornBytes: 0 };
    }
    const read = await scanTable(path, columns, onRow);
    if (read.tornBytes > 0) {
      tell(`${name} ends in a torn line: ${read.tornBytes} bytes are dropped, ${read.rows} rows before them are good.`);
    }
    return read;
  });
}

async function readTables(folder: RunFolder, scan: ScanTable): Promise<GatheredRun> {
  const manifest = readManifest(folder);
  const records = await readRecords(folder.requests, scan);
  const neighbour = existsSync(folder.neighbour) ? await readRecords(folder.neighbour, scan) : null;
  const events: RunEvent[] = [];
  await scan(folder.events, eventColumns, (row) =>
    events.push({
      tMs: row.number(0),
      kind: row.text(1) as EventKind,
      stage: row.text(2),
      subject: row.text(3),
      detail: row.text(4),
    }),
  );
  const samples = new SampleTableBuilder();
  await scan(folder.samples, sampleColumns, (row) =>
    samples.add({
      tMs: row.number(0),
      scope: row.text(3) as SampleScope,
      instance: row.text(4),
      metric: row.text(5),
      value: row.number(6),
    }),
  );
  const items = await readItems(folder);
  return {
    manifest,
    records,
    neighbour,
    items,
    samples: samples.build(),
    events,
    sources: await digests(folder),
  };
}
