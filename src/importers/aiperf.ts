import { BenchError } from '../base/errors.ts';
import type { ImportContext, ImportedRequest, RecordImporter } from '../model/importer.ts';
import { failureOf } from './reading/failure.ts';
import { fieldsOf, numberOf, textOf } from './reading/fields.ts';
import { parsedLines } from './reading/ndjson.ts';

const nanosecondsPerMs = 1e6;

function toRequest(parsed: unknown, { wallZeroMs }: ImportContext): ImportedRequest | null {
  const record = fieldsOf(parsed);
  const metadata = fieldsOf(record['metadata']);
  const atMs = (name: string): number | null => {
    const ns = numberOf(metadata[name]);
    return ns === null ? null : ns / nanosecondsPerMs - wallZeroMs;
  };
  const startMs = atMs('request_start_ns');
  if (startMs === null) {
    return null;
  }
  const firstToken = fieldsOf(fieldsOf(record['metrics'])['time_to_first_token']);
  const firstTokenMs = numberOf(firstToken['value']);
  const error = fieldsOf(record['error']);
  const hasFailed = textOf(error['message']) !== null || textOf(error['type']) !== null;
  const code = numberOf(error['code']);
  const wasCancelled = metadata['was_cancelled'] === true;
  // 499 is the tool's own code for what it cancelled itself: no server answered so.
  const status = wasCancelled || code === null || code < 100 || code > 599 ? null : code;
  const failure = wasCancelled
    ? { outcome: 'cancelled' as const, errorCode: 'cancelled' }
    : failureOf(`${textOf(error['type']) ?? ''} ${textOf(error['message']) ?? ''}`, status);
  return {
    itemId: textOf(metadata['conversation_id']) ?? textOf(metadata['x_request_id']) ?? 'request',
    plannedMs: null,
    startMs,
    bodySentMs: null,
    firstByteMs: atMs('request_ack_ns'),
    firstContentMs: firstTokenMs === null ? null : startMs + firstTokenMs,
    endMs: atMs('request_end_ns'),
    status: hasFailed ? status : null,
    ...(hasFailed || wasCancelled ? failure : { outcome: 'ok' as const, errorCode: null }),
    reusedSocket: null,
  };
}

/**
 * `profile_export.jsonl` of NVIDIA AIPerf 0.5 to 0.13 (docs/tutorials/working-with-profile-exports.md): one request a
 * line with wall-clock nanoseconds. A record of its warm-up is left out, since AIPerf does not judge it either.
 */
export const aiperf: RecordImporter = {
  id: 'aiperf',
  title: 'profile_export.jsonl of aiperf profile',
  recognises: (head) => /^\s*\{[^\n]*"request_start_ns"/.test(head),
  async *read(file, context, note) {
    let warmups = 0;
    let requests = 0;
    for await (const parsed of parsedLines(file, note)) {
      if (fieldsOf(fieldsOf(parsed)['metadata'])['benchmark_phase'] === 'warmup') {
        warmups += 1;
        continue;
      }
      const request = toRequest(parsed, context);
      if (request === null) {
        throw new BenchError('RESULT_UNREADABLE', `A record of ${file.name} has no request_start_ns.`, {
          hint: 'Give the file profile_export.jsonl, not the raw or the summary export.',
        });
      }
      requests += 1;
      yield request;
    }
    if (warmups > 0) {
      note(`${warmups} requests of the warm-up of aiperf were left out, ${requests} were taken`);
    }
  },
};
