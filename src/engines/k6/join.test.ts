import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../model/record.ts';
import { anyOptions, every, openRows, rawAdapter } from '../../testing/contract-rows.ts';
import { type JoinEnd, StageJoin } from './join.ts';
import type { K6Reply, K6Sample } from './samples.ts';

const zeroWallMs = 1_000_000;
const reply: K6Reply = {
  status: 200,
  error: '',
  code: 0,
  timings: { blocked: 1, connecting: 1, tls_handshaking: 0, sending: 1, waiting: 5, receiving: 1, duration: 7 },
  headers: { 'X-Route': 'a' },
  bytes: 2,
  body: Buffer.from('ok').toString('base64'),
};

function begun(n: number, atMs: number): K6Sample {
  const at = { stageKey: 's0', n, slot: 0, zeroWallMs };
  return { kind: 'begun', wallMs: zeroWallMs + atMs, planHash: '', seq: n, at, reply: null };
}

function ended(n: number, atMs: number, told: K6Reply = reply): K6Sample {
  return { ...begun(n, atMs), kind: 'ended', reply: told } as K6Sample;
}

function dropped(atMs: number): K6Sample {
  return { kind: 'dropped', wallMs: zeroWallMs + atMs, planHash: '', stageKey: 's0', count: 1 };
}

/** Six rows, 100 ms apart; `stride` and `first` as one of several processes has them. */
function joined(samples: readonly K6Sample[], end: JoinEnd, stride = 1, first = 0): RequestRecord[] {
  const records: RequestRecord[] = [];
  const { rows } = openRows(every(100, 6));
  const join = new StageJoin(
    { key: 's0', isOpen: true, rows, leadMs: 0, stride, first },
    {
      judge: { adapter: rawAdapter, options: anyOptions },
      toRunMs: (wallMs) => wallMs - zeroWallMs,
      bodyBytesOf: () => 1000,
      onRecord: (record) => records.push(record),
      onStart: () => undefined,
    },
  );
  join.take(samples);
  join.finish(end, 450);
  return records.toSorted((a, b) => a.seq - b.seq);
}

const brief = (records: readonly RequestRecord[]): unknown[] =>
  records.map(({ seq, plannedMs, outcome, errorCode }) => [seq, plannedMs, outcome, errorCode]);

describe('samples of k6 joined to the plan', () => {
  it('after drops a number keeps its item and has the planned time of its tick', () => {
    const samples = [begun(0, 1), ended(0, 9), begun(1, 301), ended(1, 309), dropped(101), dropped(201)];
    expect(brief(joined([...samples, begun(2, 401), begun(3, 501), ended(2, 409), ended(3, 509)], 'done'))).toEqual([
      [0, 0, 'ok', null],
      [1, 300, 'ok', null],
      [2, 400, 'ok', null],
      [3, 500, 'ok', null],
      [4, 100, 'dropped', 'max_in_flight'],
      [5, 200, 'dropped', 'max_in_flight'],
    ]);
  });

  it('a part that is one of two counts its drops in steps of two', () => {
    const samples = [begun(1, 101), ended(1, 109), dropped(301), begun(3, 501), ended(3, 509)];
    expect(brief(joined(samples, 'unknown', 2, 1))).toEqual([
      [1, 100, 'ok', null],
      [3, 500, 'ok', null],
      [5, 300, 'dropped', 'max_in_flight'],
    ]);
  });

  const endings: readonly [JoinEnd, unknown[]][] = [
    ['interrupted', [5, 500, 'dropped', 'run_stopped']],
    ['failed', [5, 500, 'dropped', 'run_stopped']],
    ['done', [5, 500, 'dropped', 'not_started']],
  ];
  it.each(endings)(
    'of a k6 that ended so (%s): what began is in flight, what was due is known or lost',
    (end, last) => {
      const records = joined([begun(0, 1), ended(0, 9), begun(1, 101)], end);
      expect(records).toHaveLength(6);
      expect(records[1]).toMatchObject({ outcome: 'in_flight_at_end', startMs: 101, endMs: 450 });
      expect(records[2]?.outcome).toBe(end === 'failed' ? 'in_flight_at_end' : 'dropped');
      expect(brief(records).at(-1)).toEqual(last);
    },
  );

  it('a body that did not go out whole has the bytes that did, and no time at which it was sent', () => {
    const unsent = { ...reply, status: 413, code: 1413, timings: { ...reply.timings, sending: 0, waiting: 0 } };
    const sent: K6Sample = { kind: 'sent', wallMs: zeroWallMs + 10, planHash: '', seq: 0, bytes: 400 };
    const [first] = joined([begun(0, 1), ended(0, 9, unsent), sent], 'interrupted');
    expect(first).toMatchObject({ outcome: 'http_error', status: 413, bytesOut: 400, bodySentMs: null });
  });
});
