import { BenchError } from '../base/errors.ts';
import type { ImportContext, ImportedRequest, RecordImporter } from '../model/importer.ts';
import { failureOf } from './reading/failure.ts';
import { fieldsOf, listOf, numberOf, textOf } from './reading/fields.ts';

/** A tool on this host cannot have sent before its start or after its end; this is for rounding. */
const toleranceMs = 1000;

/**
 * vLLM stamps with Python's `perf_counter`, which on Linux is CLOCK_MONOTONIC: on this host it is the run's own
 * clock. Times that do not fall into the command's life are another host's; then the first is taken as its start.
 */
function zeroOf(startsMs: readonly number[], context: ImportContext): { zeroMs: number; isOwnClock: boolean } {
  const firstMs = startsMs.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY);
  const sinceRunMs = firstMs - context.monotonicZeroMs;
  const isOwnClock = sinceRunMs >= context.startMs - toleranceMs && sinceRunMs <= context.endMs + toleranceMs;
  return { zeroMs: isOwnClock ? context.monotonicZeroMs : firstMs - context.startMs, isOwnClock };
}

/**
 * The JSON of `vllm bench serve --save-result --save-detailed` (vllm/benchmarks/serve.py, v0.11 on): lists by request
 * of start, time to the first token and gaps between tokens, all in seconds, and of error texts.
 */
export const vllmBench: RecordImporter = {
  id: 'vllm-bench',
  title: 'vllm bench serve --save-result --save-detailed',
  recognises: (head) => /^\s*\{/.test(head) && head.includes('"request_throughput"'),
  async *read(file, context, note) {
    const result = fieldsOf(await file.json());
    const starts = listOf(result['start_times']).map(numberOf);
    if (starts.length === 0) {
      throw new BenchError('RESULT_UNREADABLE', `${file.name} holds no start_times, so no single request.`, {
        hint: 'Add --save-detailed to vllm bench serve, and use vllm 0.11 or newer.',
      });
    }
    const known = starts.flatMap((seconds) => (seconds === null || seconds <= 0 ? [] : [seconds * 1000]));
    const { zeroMs, isOwnClock } = zeroOf(known, context);
    if (!isOwnClock) {
      note('vllm bench gives no time of day: its first request is taken to start with the command');
    }
    const [firsts, gaps, errors] = ['ttfts', 'itls', 'errors'].map((name) => listOf(result[name]));
    let endless = 0;
    for (const [index, seconds] of starts.entries()) {
      const startMs = seconds === null || seconds <= 0 ? null : seconds * 1000 - zeroMs;
      const error = textOf(errors?.[index]);
      const firstMs = 1000 * (numberOf(firsts?.[index]) ?? 0);
      const gapsMs = listOf(gaps?.[index]).reduce<number>((sum, gap) => sum + 1000 * (numberOf(gap) ?? 0), 0);
      const isTimed = startMs !== null && firstMs > 0;
      endless += isTimed ? 0 : 1;
      const request: ImportedRequest = {
        itemId: `request-${index}`,
        plannedMs: isTimed ? null : startMs,
        // Without an end it must not count as open for the rest of the run.
        startMs: isTimed ? startMs : null,
        bodySentMs: null,
        firstByteMs: null,
        firstContentMs: isTimed ? startMs + firstMs : null,
        endMs: isTimed ? startMs + firstMs + gapsMs : null,
        status: error === null ? null : statusIn(error),
        ...(error === null ? { outcome: 'ok' as const, errorCode: null } : failureOf(error, statusIn(error))),
        reusedSocket: null,
      };
      yield request;
    }
    if (endless > 0) {
      note(`${endless} requests of vllm bench have no time of their end: they are counted, but never shown in flight`);
    }
  },
};

function statusIn(error: string): number | null {
  const told = /\b([45]\d\d)\b/.exec(error)?.[1];
  return told === undefined ? null : Number(told);
}
