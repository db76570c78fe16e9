import { BenchError } from '../base/errors.ts';
import type { ImportContext, ImportedRequest, RecordImporter } from '../model/importer.ts';
import { failureOf } from './reading/failure.ts';
import { fieldsOf, listOf, numberOf, textOf } from './reading/fields.ts';

type Group = 'successful' | 'errored' | 'incomplete';
const groups: readonly Group[] = ['successful', 'errored', 'incomplete'];

function failureIn(group: Group, text: string): Pick<ImportedRequest, 'outcome' | 'errorCode' | 'status'> {
  if (group === 'successful') {
    return { outcome: 'ok', errorCode: null, status: null };
  }
  if (group === 'incomplete') {
    return { outcome: 'cancelled', errorCode: 'cancelled', status: null };
  }
  const told = /\b([45]\d\d)\b/.exec(text)?.[1];
  const status = told === undefined ? null : Number(told);
  return { ...failureOf(text, status), status };
}

function toRequest(entry: unknown, group: Group, { wallZeroMs }: ImportContext): ImportedRequest | null {
  const request = fieldsOf(entry);
  const info = fieldsOf(request['info'] ?? request['scheduler_info']);
  const timings = fieldsOf(info['timings'] ?? info['request_timings']);
  const atMs = (...values: readonly unknown[]): number | null => {
    const seconds = values.map(numberOf).find((value) => value !== null && value > 0);
    return seconds === undefined || seconds === null ? null : seconds * 1000 - wallZeroMs;
  };
  const startMs = atMs(request['request_start_time'], timings['request_start'], request['start_time']);
  const endMs = atMs(request['request_end_time'], timings['request_end'], request['end_time']);
  if (startMs === null || endMs === null) {
    return null;
  }
  const firstTokenMs = numberOf(request['time_to_first_token_ms']);
  return {
    itemId: textOf(request['request_id']) ?? 'request',
    plannedMs: null,
    startMs,
    bodySentMs: null,
    firstByteMs: null,
    firstContentMs: firstTokenMs === null ? null : startMs + firstTokenMs,
    endMs,
    ...failureIn(group, textOf(info['error']) ?? textOf(request['error']) ?? ''),
    reusedSocket: null,
  };
}

/**
 * `benchmarks.json` of GuideLLM 0.3 to 0.5 (src/guidellm/schemas/base/request_stats.py and info.py): per benchmark the
 * requests by how they ended, with wall-clock seconds. Its `targeted_start` is no planned time: only some strategies keep one.
 */
export const guidellm: RecordImporter = {
  id: 'guidellm',
  title: 'benchmarks.json of guidellm benchmark',
  recognises: (head) => /^\s*\{/.test(head) && /"benchmarks"\s*:\s*\[/.test(head),
  async *read(file, context, note) {
    let untimed = 0;
    let requests = 0;
    for (const benchmark of listOf(fieldsOf(await file.json())['benchmarks'])) {
      const byGroup = fieldsOf(fieldsOf(benchmark)['requests']);
      for (const group of groups) {
        for (const entry of listOf(byGroup[group])) {
          const request = toRequest(entry, group, context);
          if (request === null) {
            untimed += 1;
            continue;
          }
          requests += 1;
          yield request;
        }
      }
    }
    if (requests === 0) {
      throw new BenchError('RESULT_UNREADABLE', `${file.name} holds no request with its times.`, {
        hint: 'guidellm samples what it keeps: run it without --sample-requests 0.',
      });
    }
    if (untimed > 0) {
      note(`${untimed} requests of ${file.name} were never sent and were left out`);
    }
  },
};
