import { plannedUnknown, recordsUnusable } from '../../computed/watched.ts';
import type { ImportContext, ImportedRequest, RecordImporter, ResultFile } from '../../model/importer.ts';
import type { RequestRecord } from '../../model/record.ts';

/** What an importer cannot know is null or none; a request without planned time counts from when it was sent. */
function toRecord(request: ImportedRequest, seq: number, stage: string, context: ImportContext): RequestRecord {
  const { plannedMs, ...told } = request;
  return {
    ...told,
    seq,
    stage,
    slot: null,
    attempt: 1,
    retryOf: null,
    connectedMs: null,
    plannedMs: plannedMs ?? request.startMs ?? context.startMs,
    bytesOut: null,
    bytesIn: null,
    route: null,
    check: 'none',
    answerDigest: null,
    spokenWords: null,
    wordErrors: null,
    events: null,
    outputTokens: null,
  };
}

/** What a reader of the run must know of the import, for `notObserved`; `warnings` are told at once too. */
export interface Imported {
  notes: readonly { what: string; why: string }[];
  warnings: readonly string[];
}

/** A file of which more lies outside is another run's, and what is left of it proves nothing (PROTOCOL 4.7). */
const mostOutsideRatio = 0.5;

/**
 * Every request of another tool's file that was sent while its command ran becomes a record of the stage of that
 * command; others are counted and left out.
 */
export async function importRecords(options: {
  importer: RecordImporter;
  file: ResultFile;
  context: ImportContext;
  stage: string;
  onRecord(record: RequestRecord): void;
}): Promise<Imported> {
  const { importer, file, context } = options;
  const notes: { what: string; why: string }[] = [];
  const note = (why: string): void => {
    notes.push({ what: `requests of ${importer.id}`, why });
  };
  let taken = 0;
  let unplanned = 0;
  let outside = 0;
  for await (const request of importer.read(file, context, note)) {
    if (isOutside(request, context)) {
      outside += 1;
      continue;
    }
    options.onRecord(toRecord(request, taken, options.stage, context));
    taken += 1;
    unplanned += request.plannedMs === null ? 1 : 0;
  }
  const warnings: string[] = [];
  if (taken + outside === 0) {
    note(`${file.name} holds no request`);
  }
  if (taken > 0) {
    notes.push({ what: 'bytes of each request', why: `${importer.id} does not tell them` });
  }
  if (unplanned > 0) {
    notes.push({
      what: plannedUnknown,
      why: `${importer.id} does not tell them for ${unplanned} of ${taken}: their latency counts from sending`,
    });
  }
  if (outside > 0) {
    const all = taken + outside;
    const why = `${outside} of ${all} requests of ${file.name} were sent outside the time of the command and were left out: is the file of another run, or of another clock?`;
    note(why);
    warnings.push(why);
    if (outside > mostOutsideRatio * all) {
      notes.push({
        what: recordsUnusable,
        why: `${outside} of ${all} requests of ${file.name} were sent outside the time of the command`,
      });
    }
  }
  return { notes, warnings };
}

const clockToleranceMs = 1000;

/** By when it was sent, or was to be; a request without any time cannot be told to be of another run. */
function isOutside({ startMs, plannedMs, endMs }: ImportedRequest, context: ImportContext): boolean {
  const atMs = startMs ?? plannedMs ?? endMs;
  return atMs !== null && (atMs < context.startMs - clockToleranceMs || atMs > context.endMs + clockToleranceMs);
}
