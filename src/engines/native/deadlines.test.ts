import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { Deadlines, type Waiter } from './deadlines.ts';

const clock: Clock = { nowMs: () => performance.now(), sleepUntil: () => Promise.reject(new Error('nobody sleeps')) };

let due: string[];
let zeroMs: number;
beforeEach(() => {
  vi.useFakeTimers();
  due = [];
  zeroMs = clock.nowMs();
});
afterEach(() => {
  vi.useRealTimers();
});

const waiter = (name: string, afterMs: number, then: () => void = () => undefined): Waiter => ({
  dueMs: zeroMs + afterMs,
  onDue() {
    due.push(`${name}@${Math.round(clock.nowMs() - zeroMs)}`);
    then();
  },
});

/** Waits for all of these, and leaves as a request does: when it is due. */
function wait(deadlines: Deadlines, waiters: readonly (readonly [string, number])[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [name, afterMs] of waiters) {
    places.set(name, deadlines.add(waiter(name, afterMs, () => deadlines.leave(places.get(name) ?? -1))));
  }
  return places;
}

describe('Deadlines', () => {
  it.each([
    ['one', [['a', 100]], ['a@100']],
    [
      'a later one after an earlier one',
      [
        ['a', 100],
        ['b', 300],
      ],
      ['a@100', 'b@300'],
    ],
    [
      'an earlier one that came later',
      [
        ['a', 300],
        ['b', 100],
      ],
      ['b@100', 'a@300'],
    ],
    [
      'two at once',
      [
        ['a', 100],
        ['b', 100],
      ],
      ['a@100', 'b@100'],
    ],
    ['one that was due before it came', [['a', -5]], ['a@0']],
    ['a fraction of a millisecond, never early', [['a', 99.5]], ['a@100']],
  ] as const)('tells %s when it is due', (_what, waiters, told) => {
    wait(new Deadlines(clock), waiters);
    vi.advanceTimersByTime(1000);
    expect(due).toEqual(told);
  });

  it('tells nobody who has left', () => {
    const deadlines = new Deadlines(clock);
    const places = wait(deadlines, [
      ['a', 100],
      ['b', 200],
    ]);
    deadlines.leave(places.get('a') ?? -1);
    vi.advanceTimersByTime(1000);
    expect(due).toEqual(['b@200']);
  });

  it('does not tell one whom another let go at the same moment', () => {
    const deadlines = new Deadlines(clock);
    const places: number[] = [];
    const leaveBoth = (): void => {
      for (const place of places.splice(0)) {
        deadlines.leave(place);
      }
    };
    places.push(deadlines.add(waiter('a', 100, leaveBoth)), deadlines.add(waiter('b', 100, leaveBoth)));
    vi.advanceTimersByTime(1000);
    expect(due).toEqual(['a@100']);
  });

  it('tells one who comes while another is told', () => {
    const deadlines = new Deadlines(clock);
    wait(deadlines, [['late', 900]]);
    const place = deadlines.add(
      waiter('first', 100, () => {
        deadlines.leave(place);
        wait(deadlines, [['second', 250]]);
      }),
    );
    vi.advanceTimersByTime(1000);
    expect(due).toEqual(['first@100', 'second@250', 'late@900']);
  });

  it('has one timer, however many wait', () => {
    const deadlines = new Deadlines(clock);
    wait(
      deadlines,
      Array.from({ length: 100 }, (_, nth) => [`n${nth}`, 500 - nth] as const),
    );
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(due).toHaveLength(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits for longer than one timer can', () => {
    const month = 31 * 24 * 3_600_000;
    wait(new Deadlines(clock), [['a', month]]);
    vi.advanceTimersByTime(month - 1000);
    expect(due).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(due).toEqual([`a@${month}`]);
  });
});
