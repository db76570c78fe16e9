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

/**
 * Every request of another tool's file becomes a record of the stage in which its command ran. What a reader of the
 * run must know of the import comes back, for `notObserved`.
 */
export async function importRecords(options: {
  importer: RecordImporter;
  file: ResultFile;
  context: ImportContext;
  stage: string;
  onRecord(record: RequestRecord): void;
}): Promise<readonly { what: string; why: string }[]> {
  const { importer, file, context } = options;
  const notes: { what: string; why: string }[] = [];
  const note = (why: string): void => {
    notes.push({ what: `requests of ${importer.id}`, why });
  };
  let requests = 0;
  let unplanned = 0;
  let outside = 0;
  for await (const request of importer.read(file, context, note)) {
    options.onRecord(toRecord(request, requests, options.stage, context));
    requests += 1;
    unplanned += request.plannedMs === null ? 1 : 0;
    outside += isOutside(request, context) ? 1 : 0;
  }
  if (requests === 0) {
    note(`${file.name} holds no request`);
  } else {
    notes.push({ what: 'bytes of each request', why: `${importer.id} does not tell them` });
  }
  if (unplanned > 0) {
    notes.push({
      what: 'planned times of requests',
      why: `${importer.id} does not tell them for ${unplanned} of ${requests}: their latency counts from sending`,
    });
  }
  if (outside > 0) {
    note(
      `${outside} of ${requests} lie outside the time of the command: is the file of another run, or of another clock?`,
    );
  }
  return notes;
}

const clockToleranceMs = 1000;

function isOutside({ startMs }: ImportedRequest, context: ImportContext): boolean {
  return (
    startMs !== null && (startMs < context.startMs - clockToleranceMs || startMs > context.endMs + clockToleranceMs)
  );
}
