import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplyCheck } from '../../model/adapter.ts';
import type { RequestRecord } from '../../model/record.ts';
import { openRows } from '../../testing/contract-rows.ts';
import { type ManualClock, manualClock } from '../../testing/manual-clock.ts';
import { Board } from './board.ts';

const leaseMs = 100;
const rules = { leaseMs, deliveries: 2 };
const good: ReplyCheck = { ok: true, check: 'answer', answerDigest: 'd', route: 'r' };
const bad = (code: string, detail: string): ReplyCheck => ({ ...good, ok: false, code, detail });

interface Given {
  board: Board;
  clock: ManualClock;
  records: RequestRecord[];
}

function boardWith(count: number, timeoutMs = 10_000): Given {
  const clock = manualClock();
  const records: RequestRecord[] = [];
  const board = new Board(clock, rules, (record) => records.push(record));
  for (const row of openRows(Array<number>(count).fill(0), { timeoutMs }).rows) {
    board.offer(row, 0, () => undefined);
  }
  return { board, clock, records };
}

const idsOf = (board: Board, most: number): string[] => board.take(most).map(({ id }) => id);

describe('a board', () => {
  it('gives out in the order of the offers, as many as are asked for, each under a name of its own', () => {
    const { board } = boardWith(3);
    expect([idsOf(board, 2), idsOf(board, 2), idsOf(board, 2)]).toEqual([['0.1', '1.1'], ['2.1'], []]);
    expect(board.handOut('1.1')).toMatchObject({ task: '1', item: { id: 'item-1' } });
    expect(board.handOut('1.2')).toBeNull();
  });

  it('stamps a record with its offer, its first taking, its first whole fetch and its answer', async () => {
    const { board, clock, records } = boardWith(1);
    await clock.advance(10);
    const [id = ''] = idsOf(board, 1);
    await clock.advance(5);
    board.sent(id, 400);
    board.sent(id, 600);
    board.fetched(id);
    await clock.advance(5);
    board.sent(id, 1000);
    board.fetched(id);
    await clock.advance(20);
    expect(board.answer(id, good, 77)).toBe('accepted');
    expect(records).toMatchObject([
      { plannedMs: 0, startMs: 10, bodySentMs: 15, endMs: 40, bytesOut: 2000, bytesIn: 77, status: null },
    ]);
    expect(records).toMatchObject([{ outcome: 'ok', check: 'answer', answerDigest: 'd', route: 'r' }]);
  });

  const wrong: readonly [string, ReplyCheck, string][] = [
    ['by its own code', bad('wrong_answer', 'it is for 2'), 'wrong_answer'],
    ['as want of device memory where it says so', bad('error_in_reply', 'CUDA out of memory'), 'device_out_of_memory'],
  ];
  it.each(wrong)('records a wrong answer %s', (_, check, errorCode) => {
    const { board, records } = boardWith(1);
    board.answer(idsOf(board, 1)[0] ?? '', check, 1);
    expect(records).toMatchObject([{ outcome: 'semantic_error', errorCode }]);
  });

  it('counts what comes after an answer, and what it never gave out, and records nothing for it', () => {
    const { board, records } = boardWith(1);
    const [id = ''] = idsOf(board, 1);
    const said = ['9.1', id, id, id].map((one) => board.answer(one, good, 1));
    expect(said).toEqual(['unknown', 'accepted', 'duplicate', 'duplicate']);
    expect(board.state()).toMatchObject({ answered: 1, duplicates: 2, unknown: 1, late: 0 });
    expect(records.length).toBe(1);
  });

  it('gives out again what no answer came for, before the fresh ones; an answer to the first lease is late', async () => {
    const { board, clock, records } = boardWith(2);
    const [first = ''] = idsOf(board, 1);
    await clock.advance(leaseMs);
    expect(board.state()).toMatchObject({ waiting: 2, reserved: 0, expired: 1 });
    expect(board.answer(first, good, 1)).toBe('late');
    expect(idsOf(board, 2)).toEqual(['0.2', '1.1']);
    expect([board.answer(first, good, 1), board.answer('0.2', good, 1)]).toEqual(['late', 'accepted']);
    expect(records).toMatchObject([{ seq: 0, startMs: 0, endMs: leaseMs, outcome: 'ok' }]);
    expect(board.state()).toMatchObject({ late: 2, answered: 1 });
  });

  it('takes an answer for late when its lease is over, also if the timer is not there yet', () => {
    const { board, clock } = boardWith(1);
    const [id = ''] = idsOf(board, 1);
    clock.stall(leaseMs);
    expect([board.answer(id, good, 1), board.state().expired]).toEqual(['late', 1]);
  });

  it('records a timeout once the last lease has ended', async () => {
    const { board, clock, records } = boardWith(1);
    board.take(1);
    await clock.advance(leaseMs + 50);
    board.take(1);
    await clock.advance(leaseMs - 1);
    expect(records).toEqual([]);
    await clock.advance(1);
    expect(records).toMatchObject([{ outcome: 'timeout', errorCode: 'lease_expired', startMs: 0, endMs: 250 }]);
    expect([board.openCount, board.waiting()]).toEqual([0, 0]);
  });

  const short: readonly [string, number, number][] = [
    ['ends a lease', leaseMs / 2, leaseMs / 2],
    ['ends the wait for a second one', leaseMs * 1.5, leaseMs * 1.5],
  ];
  it.each(short)("the row's own timeout %s", async (_, timeoutMs, endMs) => {
    const { board, clock, records } = boardWith(1, timeoutMs);
    board.take(1);
    await clock.advance(leaseMs * 3);
    expect(records).toMatchObject([{ outcome: 'timeout', startMs: 0, endMs }]);
    expect([board.waiting(), board.take(1).length]).toEqual([0, 0]);
  });

  it('gives out nothing after a stop, and still takes answers', () => {
    const { board, records } = boardWith(2);
    const [id = ''] = idsOf(board, 1);
    board.stop();
    expect([board.waiting(), board.take(1).length, board.answer(id, good, 1)]).toEqual([0, 0, 'accepted']);
    expect(records).toMatchObject([
      { seq: 1, outcome: 'dropped', errorCode: 'not_taken', startMs: null, endMs: null },
      { seq: 0, outcome: 'ok' },
    ]);
  });

  it('ends with the age of what is reserved, and of what waits for its second lease', async () => {
    const { board, clock, records } = boardWith(2);
    board.take(1);
    await clock.advance(leaseMs);
    board.stop();
    await clock.advance(20);
    board.close();
    expect(records).toMatchObject([
      { seq: 1, outcome: 'dropped' },
      { seq: 0, outcome: 'in_flight_at_end', errorCode: 'lease_expired', startMs: 0, endMs: leaseMs + 20 },
    ]);
    expect(board.state()).toMatchObject({ waiting: 0, reserved: 0 });
  });

  it('makes one record of each row, whatever a worker does', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('take' as const), n: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constant('answer' as const), n: fc.nat(20) }),
      fc.record({ do: fc.constant('wait' as const), n: fc.integer({ min: 1, max: 120 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { board, clock, records } = boardWith(6);
        const taken: string[] = [];
        for (const { do: what, n } of steps) {
          if (what === 'take') {
            taken.push(...idsOf(board, n));
          } else if (what === 'answer') {
            board.answer(taken[n % Math.max(1, taken.length)] ?? 'none', good, 1);
          } else {
            await clock.advance(n);
          }
          const { waiting, reserved } = board.state();
          expect(waiting + reserved).toBe(board.openCount);
          expect(records.length + board.openCount).toBe(6);
        }
        board.close();
        expect(new Set(records.map(({ seq }) => seq))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
        expect(records.length).toBe(6);
        expect(records.filter(({ outcome }) => outcome === 'ok').length).toBe(board.state().answered);
      }),
      { numRuns: 40 },
    );
  });
});
