import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import type { ResultFile } from '../model/importer.ts';
import { damaged } from '../testing/damaged.ts';
import { importers } from './index.ts';

const context = { wallZeroMs: 1_795_289_380_000, monotonicZeroMs: 5_000_000, startMs: 5000, endMs: 15_000 };

/** As `openResultFile` gives it: what is no JSON is refused before an importer sees it. */
function fileOf(text: string): ResultFile {
  return {
    name: 'given.json',
    async *lines() {
      yield* text.split('\n');
    },
    json() {
      try {
        return Promise.resolve(JSON.parse(text) as unknown);
      } catch (cause: unknown) {
        throw new BenchError('RESULT_UNREADABLE', 'given.json is no whole JSON.', { cause });
      }
    },
  };
}

const k6Text = readFileSync(new URL('captured/k6-v2.ndjson', import.meta.url), 'utf8').slice(0, 6000);
const vllm = JSON.stringify({
  date: '20261121-192940',
  duration: 3,
  completed: 2,
  num_prompts: 2,
  input_lens: [10, 20],
  output_lens: [5, 6],
  ttfts: [0.1, 0.2],
  itls: [[0.01], [0.02, 0.03]],
  start_times: [5006, 5007],
  errors: ['', 'Read timed out'],
});
const aiperf = JSON.stringify({
  metadata: {
    x_request_id: 'a',
    request_start_ns: 1.795289386e18,
    request_end_ns: 1.795289387e18,
    was_cancelled: false,
  },
  metrics: { time_to_first_token: { value: 250, unit: 'ms' } },
  error: null,
});
const guidellm = JSON.stringify({
  metadata: { version: 1 },
  benchmarks: [
    {
      requests: {
        successful: [{ request_id: 'a', request_start_time: 1_795_289_387, request_end_time: 1_795_289_388 }],
        errored: [{ request_id: 'b', error: 'boom' }],
        incomplete: [],
      },
    },
  ],
});

describe.each(importers)('a file of $id', ({ read }) => {
  it('that is damaged gives requests with finite times or is refused, and nothing else', async () => {
    const anyJson = fc.oneof(fc.json(), damaged(k6Text, vllm, aiperf, `${aiperf}\n${aiperf}`, guidellm, ''));
    await fc.assert(
      fc.asyncProperty(anyJson, async (text) => {
        try {
          for await (const { startMs, endMs } of read(fileOf(text), context, () => undefined)) {
            expect([startMs, endMs].every((tMs) => tMs === null || Number.isFinite(tMs))).toBe(true);
          }
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(BenchError);
        }
      }),
    );
  });
});
