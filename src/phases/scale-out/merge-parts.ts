import { BenchError } from '../../base/errors.ts';
import type { RunEvent } from '../../model/artifacts.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Plan } from '../../model/plan.ts';
import { retrySeqFrom } from '../../model/plan.ts';
import { copyRecord, type RequestRecord } from '../../model/record.ts';

/** What one runner recorded, on the clock that all parts share. */
export interface Part {
  /** For messages: its folder or file. */
  name: string;
  records: readonly RequestRecord[];
}

/** All parts of one plan, before what is missing is filled in. */
export interface Gathering {
  manifest: Manifest;
  plan: Plan;
  parts: readonly Part[];
  events: readonly RunEvent[];
  /** Folders whose samples.csv goes in, with what is added to their times. */
  sampled: readonly { path: string; addedMs: number }[];
}

export function foreignPlan(name: string, found: string, expected: string): BenchError {
  return new BenchError(
    'USAGE',
    `${name} is of the plan ${found.slice(0, 12)}, and the parts before it are of ${expected.slice(0, 12)}.`,
    { hint: 'Merge only runs of one profile, corpus, seed and scale.' },
  );
}

/** Times that are missing stay so. */
export function shifted(record: RequestRecord, addedMs: number): RequestRecord {
  const at = (ms: number | null): number | null => (ms === null ? null : ms + addedMs);
  return {
    ...copyRecord(record),
    plannedMs: record.plannedMs + addedMs,
    startMs: at(record.startMs),
    connectedMs: at(record.connectedMs),
    bodySentMs: at(record.bodySentMs),
    firstByteMs: at(record.firstByteMs),
    firstContentMs: at(record.firstContentMs),
    endMs: at(record.endMs),
  };
}

/** Runners number their retries each by itself, so that these get new numbers; throws USAGE for a row sent twice. */
export function joinParts(parts: readonly Part[]): RequestRecord[] {
  const partOf = new Map<number, string>();
  const joined: RequestRecord[] = [];
  let retrySeq = retrySeqFrom;
  for (const { name, records } of parts) {
    for (const record of records) {
      if (record.seq >= retrySeqFrom) {
        joined.push({ ...record, seq: retrySeq });
        retrySeq += 1;
        continue;
      }
      const other = partOf.get(record.seq);
      if (other !== undefined) {
        throw new BenchError('USAGE', `Request ${record.seq} is in ${other} and in ${name}.`, {
          hint: 'Give each runner a segment of its own, and each part once.',
        });
      }
      partOf.set(record.seq, name);
      joined.push(record);
    }
  }
  return joined;
}

/** Every row that is known before the run and that no part has: it may have been sent by a runner that was lost. */
export function missingRecords(
  plan: Plan,
  records: readonly RequestRecord[],
  stageStartMs: (name: string) => number | null,
): RequestRecord[] {
  const seen = new Set(records.map(({ seq }) => seq));
  return plan.stages.flatMap(({ index, stage, refersTo }) => {
    const startMs = stageStartMs(stage.name);
    const rows = refersTo.length > 0 || startMs === null ? null : plan.rows(index, new Map());
    if (rows?.model !== 'open' || startMs === null) {
      return [];
    }
    return rows.rows
      .filter(({ seq }) => !seen.has(seq))
      .map(
        (row): RequestRecord => ({
          seq: row.seq,
          stage: row.stage,
          itemId: row.item.id,
          slot: null,
          attempt: 1,
          retryOf: null,
          plannedMs: startMs + (row.plannedMs ?? 0),
          startMs: null,
          connectedMs: null,
          bodySentMs: null,
          firstByteMs: null,
          firstContentMs: null,
          endMs: null,
          bytesOut: 0,
          bytesIn: 0,
          status: null,
          outcome: 'in_flight_at_end',
          errorCode: 'no_trace',
          route: null,
          reusedSocket: null,
          check: 'none',
          answerDigest: null,
          spokenWords: null,
          wordErrors: null,
          events: null,
          outputTokens: null,
        }),
      );
  });
}
