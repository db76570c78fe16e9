import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import type { ImportContext, ImportedRequest, ResultFile } from '../model/importer.ts';
import { aiperf } from './aiperf.ts';
import { guidellm } from './guidellm.ts';
import { importers } from './index.ts';
import { k6Json } from './k6-json.ts';
import { failureOf } from './reading/failure.ts';
import { vllmBench } from './vllm-bench.ts';

const context: ImportContext = {
  wallZeroMs: Date.parse('2026-11-21T19:29:40Z'),
  monotonicZeroMs: 5_000_000,
  startMs: 5000,
  endMs: 15_000,
};

/** A file that is held in memory. */
function fileOf(text: string): ResultFile {
  return {
    name: 'given.json',
    async *lines() {
      yield* text.split('\n');
    },
    json: () => Promise.resolve(JSON.parse(text) as unknown),
  };
}

async function imported(importer: (typeof importers)[number], text: string, over: Partial<ImportContext> = {}) {
  const notes: string[] = [];
  const requests: ImportedRequest[] = [];
  for await (const request of importer.read(fileOf(text), { ...context, ...over }, (note) => notes.push(note))) {
    requests.push(request);
  }
  return { requests, notes };
}

const k6Text = readFileSync(new URL('captured/k6-v2.ndjson', import.meta.url), 'utf8');

/** As the tutorial of AIPerf shows its records. */
const aiperfLine = (over: object, error: object | null = null): string =>
  JSON.stringify({
    metadata: {
      session_num: 45,
      x_request_id: '7609a2e7',
      conversation_id: '77aa5b0e',
      request_start_ns: (context.wallZeroMs + 6000) * 1e6,
      request_ack_ns: (context.wallZeroMs + 6100) * 1e6,
      request_end_ns: (context.wallZeroMs + 6400) * 1e6,
      benchmark_phase: 'profiling',
      was_cancelled: false,
      ...over,
    },
    metrics: error === null ? { time_to_first_token: { value: 250, unit: 'ms' } } : {},
    error,
  });

const guidellmText = JSON.stringify({
  metadata: { version: 1 },
  benchmarks: [
    {
      requests: {
        successful: [
          {
            request_id: 'a',
            request_start_time: context.wallZeroMs / 1000 + 7,
            request_end_time: context.wallZeroMs / 1000 + 8.5,
            time_to_first_token_ms: 400,
            info: { status: 'completed', timings: {} },
          },
        ],
        errored: [
          {
            request_id: 'b',
            info: {
              error: '503 Service Unavailable',
              timings: {
                request_start: context.wallZeroMs / 1000 + 9,
                request_end: context.wallZeroMs / 1000 + 9.25,
              },
            },
          },
        ],
        incomplete: [
          {
            request_id: 'c',
            request_start_time: context.wallZeroMs / 1000 + 14,
            request_end_time: context.wallZeroMs / 1000 + 15,
          },
          { request_id: 'never sent' },
        ],
      },
    },
  ],
});

const vllmResult = {
  date: '20261121-192940',
  request_throughput: 1.5,
  start_times: [5006, 5007, 5008],
  ttfts: [0.2, 0.3, 0],
  itls: [[0.05, 0.05], [], []],
  errors: ['', '', 'Connection reset by peer'],
};

describe('k6-json', () => {
  it('joins the points of each request of a real run', async () => {
    const { requests, notes } = await imported(k6Json, k6Text);
    expect(
      requests.map(({ itemId, outcome, errorCode, status }) => [new URL(itemId).pathname, outcome, errorCode, status]),
    ).toEqual([
      ['/ok', 'ok', null, 200],
      ['/eof', 'closed_early', 'k6_1000', null],
      ['/reset', 'reset', 'k6_1220', null],
      ['/slow', 'timeout', 'k6_1050', null],
      ['/', 'refused', 'k6_1212', null],
    ]);
    expect(notes).toEqual([]);
  });

  it('puts a request on the axis of the run: asked for, sent, answered, ended', async () => {
    const { requests } = await imported(k6Json, k6Text);
    const first = requests[0];
    expect(first?.endMs).toBeCloseTo(9705.097, 2);
    expect(first?.startMs).toBeCloseTo(9705.097 - 25.269 - 0.813, 2);
    expect(first?.startMs).toBeLessThan(first?.bodySentMs ?? 0);
    expect(first?.bodySentMs).toBeLessThan(first?.firstByteMs ?? 0);
    expect(first?.firstByteMs).toBeLessThan(first?.endMs ?? 0);
  });

  it('leaves a torn last line out, with a note', async () => {
    const torn = k6Text.slice(0, -100);
    const { requests, notes } = await imported(k6Json, torn);
    expect(requests).toHaveLength(5);
    expect(notes).toEqual(['the last line of given.json is torn and was left out']);
  });

  it('refuses a file that is broken in its middle, with the line', async () => {
    const lines = k6Text.split('\n');
    lines[3] = '{"metric":"http_re';
    await expect(imported(k6Json, lines.join('\n'))).rejects.toThrow(/given\.json:4 is no JSON/);
  });

  it('takes requests that end in the same nanosecond for two', async () => {
    const points = k6Text.split('\n').filter((line) => line.includes('/ok') && line.includes('"Point"'));
    const { requests } = await imported(k6Json, [...points, ...points].join('\n'));
    expect(requests).toHaveLength(2);
  });
});

describe('aiperf', () => {
  it.each([
    { why: 'an answer', line: aiperfLine({}), outcome: 'ok', errorCode: null, status: null },
    {
      why: 'a server error',
      line: aiperfLine({}, { code: 500, type: 'InternalServerError', message: 'it broke' }),
      outcome: 'http_error',
      errorCode: 'http_500',
      status: 500,
    },
    {
      why: 'a request that the tool itself cancelled, which no server answered with 499',
      line: aiperfLine({ was_cancelled: true }, { code: 499, type: 'RequestCancellationError', message: 'cancelled' }),
      outcome: 'cancelled',
      errorCode: 'cancelled',
      status: null,
    },
    {
      why: 'a refused connection',
      line: aiperfLine({}, { type: 'ClientConnectorError', message: 'Cannot connect to host' }),
      outcome: 'refused',
      errorCode: 'connection_refused',
      status: null,
    },
  ])('takes $why', async ({ line, outcome, errorCode, status }) => {
    const { requests } = await imported(aiperf, line);
    expect(requests).toMatchObject([{ outcome, errorCode, status, startMs: 6000, firstByteMs: 6100, endMs: 6400 }]);
  });

  it('leaves the warm-up out and says so', async () => {
    const { requests, notes } = await imported(
      aiperf,
      `${aiperfLine({ benchmark_phase: 'warmup' })}\n${aiperfLine({})}`,
    );
    expect(requests).toHaveLength(1);
    expect(notes).toEqual(['1 requests of the warm-up of aiperf were left out, 1 were taken']);
  });

  it('refuses a record without a start', async () => {
    await expect(imported(aiperf, '{"metadata":{}}')).rejects.toThrow('no request_start_ns');
  });
});

describe('guidellm', () => {
  it('takes requests by how they ended and leaves out what was never sent', async () => {
    const { requests, notes } = await imported(guidellm, guidellmText);
    expect(
      requests.map(({ itemId, startMs, endMs, outcome, status }) => [itemId, startMs, endMs, outcome, status]),
    ).toEqual([
      ['a', expect.closeTo(7000, 0), expect.closeTo(8500, 0), 'ok', null],
      ['b', expect.closeTo(9000, 0), expect.closeTo(9250, 0), 'http_error', 503],
      ['c', expect.closeTo(14_000, 0), expect.closeTo(15_000, 0), 'cancelled', null],
    ]);
    expect(requests[0]?.firstContentMs).toBeCloseTo(7400, 0);
    expect(notes).toEqual(['1 requests of given.json were never sent and were left out']);
  });

  it('refuses a file that kept no request', async () => {
    await expect(imported(guidellm, '{"benchmarks":[{"requests":{}}]}')).rejects.toThrow('holds no request');
  });
});

describe('vllm-bench', () => {
  it('takes its times as the clock of this host where they fall into the life of the command', async () => {
    const { requests, notes } = await imported(vllmBench, JSON.stringify(vllmResult));
    expect(
      requests.map(({ startMs, firstContentMs, endMs, outcome }) => [startMs, firstContentMs, endMs, outcome]),
    ).toEqual([
      [6000, 6200, expect.closeTo(6300, 3), 'ok'],
      [7000, 7300, 7300, 'ok'],
      [null, null, null, 'reset'],
    ]);
    expect(requests[2]?.plannedMs).toBe(8000);
    expect(notes).toEqual([expect.stringContaining('1 requests of vllm bench have no time of their end')]);
  });

  it('takes the first request as the start of the command where its clock is another', async () => {
    const { requests, notes } = await imported(vllmBench, JSON.stringify(vllmResult), { monotonicZeroMs: 9e9 });
    expect(requests.map(({ startMs }) => startMs)).toEqual([5000, 6000, null]);
    expect(notes[0]).toContain('gives no time of day');
  });

  it('asks for --save-detailed where single requests are not there', async () => {
    await expect(imported(vllmBench, '{"request_throughput":1}')).rejects.toSatisfy(
      (error) => error instanceof BenchError && error.hint?.includes('--save-detailed') === true,
    );
  });
});

describe('detection by content', () => {
  it.each([
    { id: 'k6-json', head: k6Text },
    { id: 'k6-json', head: '{"metric": "http_reqs", "type": "Point", "data": {"value": 1}}\n' },
    { id: 'vllm-bench', head: JSON.stringify(vllmResult) },
    { id: 'aiperf', head: aiperfLine({}) },
    { id: 'guidellm', head: guidellmText },
    { id: undefined, head: 'metric_name,timestamp,metric_value\nhttp_reqs,1,1' },
    { id: undefined, head: '' },
    { id: undefined, head: '{"results":[]}' },
    { id: undefined, head: '{"type":"Point"}' },
  ])('finds $id', ({ id, head }) => {
    expect(importers.filter((importer) => importer.recognises(head)).map((importer) => importer.id)).toEqual(
      id === undefined ? [] : [id],
    );
  });

  it('finds nothing twice, whatever a file begins with', () => {
    fc.assert(
      fc.property(fc.json(), (head) => {
        expect(importers.filter((importer) => importer.recognises(head)).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('failures told in words', () => {
  it.each([
    ['TimeoutError: took too long', null, 'timeout'],
    ['Read timed out', null, 'timeout'],
    ['Connection refused', null, 'refused'],
    ['Connection reset by peer', null, 'reset'],
    ['Server disconnected', null, 'closed_early'],
    ['something else', null, 'http_error'],
    ['timed out', 504, 'http_error'],
  ] as const)('"%s" with status %s is %s', (text, status, outcome) => {
    expect(failureOf(text, status).outcome).toBe(outcome);
  });
});
