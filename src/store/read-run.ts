import { existsSync } from 'node:fs';
import type { EventKind, RunEvent } from '../model/artifacts.ts';
import type { SampleScope } from '../model/probe.ts';
import type { CheckLevel, Outcome, RequestRecord } from '../model/record.ts';
import type { GatheredRun } from '../model/samples.ts';
import { eventColumns, requestColumns, sampleColumns } from './columns.ts';
import { readItems } from './items-table.ts';
import { readTable } from './read-table.ts';
import { type RunFolder, readManifest } from './run-folder.ts';
import { SampleTableBuilder } from './sample-table.ts';
import { digests } from './seal.ts';

const numberOrNull = (field: string | undefined): number | null =>
  field === undefined || field === '' ? null : Number(field);
const textOrNull = (field: string | undefined): string | null => (field === undefined || field === '' ? null : field);

function toRecord(fields: readonly string[]): RequestRecord {
  const field = (name: (typeof requestColumns)[number]): string | undefined => fields[requestColumns.indexOf(name)];
  return {
    seq: Number(field('seq')),
    stage: field('stage') ?? '',
    itemId: field('item_id') ?? '',
    slot: numberOrNull(field('slot')),
    attempt: Number(field('attempt')),
    retryOf: numberOrNull(field('retry_of')),
    plannedMs: Number(field('planned_ms')),
    startMs: numberOrNull(field('start_ms')),
    connectedMs: numberOrNull(field('connected_ms')),
    bodySentMs: numberOrNull(field('body_sent_ms')),
    firstByteMs: numberOrNull(field('first_byte_ms')),
    firstContentMs: numberOrNull(field('first_content_ms')),
    endMs: numberOrNull(field('end_ms')),
    bytesOut: numberOrNull(field('bytes_out')),
    bytesIn: numberOrNull(field('bytes_in')),
    status: numberOrNull(field('status')),
    outcome: (field('outcome') ?? '') as Outcome,
    errorCode: textOrNull(field('error_code')),
    route: textOrNull(field('route')),
    reusedSocket: field('reused_socket') === '' ? null : field('reused_socket') === 'true',
    check: (field('check') ?? 'none') as CheckLevel,
    answerDigest: textOrNull(field('answer_digest')),
    spokenWords: numberOrNull(field('spoken_words')),
    wordErrors: numberOrNull(field('word_errors')),
    events: numberOrNull(field('events')),
    outputTokens: numberOrNull(field('output_tokens')),
  };
}

async function readRecords(path: string, read: typeof readTable): Promise<RequestRecord[]> {
  const records: RequestRecord[] = [];
  await read(path, requestColumns, (fields) => records.push(toRecord(fields)));
  return records;
}

/** A harness that was killed before it gathered has begun no table, and nothing is missing then. */
async function readBegunTable(...[path, columns, onRow]: Parameters<typeof readTable>): Promise<void> {
  if (existsSync(path)) {
    await readTable(path, columns, onRow);
  }
}

/** Reads a results folder back, sealed or not; a torn last line is dropped. */
export async function readRun(folder: RunFolder): Promise<GatheredRun> {
  const manifest = readManifest(folder);
  const read = manifest.measured === null ? readBegunTable : readTable;
  const records = await readRecords(folder.requests, read);
  const neighbour = existsSync(folder.neighbour) ? await readRecords(folder.neighbour, read) : null;
  const events: RunEvent[] = [];
  await read(folder.events, eventColumns, ([tMs, kind, stage, subject, detail]) =>
    events.push({
      tMs: Number(tMs),
      kind: (kind ?? '') as EventKind,
      stage: stage ?? '',
      subject: subject ?? '',
      detail: detail ?? '',
    }),
  );
  const samples = new SampleTableBuilder();
  await read(folder.samples, sampleColumns, (fields) =>
    samples.add({
      tMs: Number(fields[0]),
      scope: (fields[3] ?? 'host') as SampleScope,
      instance: fields[4] ?? '',
      metric: fields[5] ?? '',
      value: numberOrNull(fields[6]),
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
