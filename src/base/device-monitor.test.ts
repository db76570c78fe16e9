import { describe, expect, it } from 'vitest';
import { parseMonitorReading } from './device-monitor.ts';

const answer = {
  seq: 3,
  totalBytes: 100,
  reservedBytes: 10,
  usedBytes: 30,
  freeBytes: 60,
  processes: [{ pid: 7, label: 'hot', bytes: 30 }],
};

describe('parseMonitorReading', () => {
  it('takes an answer of the broker', () => {
    const { seq: _seq, ...reading } = answer;
    expect(parseMonitorReading(answer)).toEqual(reading);
  });

  it.each([
    [{}, 'an empty answer'],
    [{ error: 1 }, 'a refusal'],
    [{ ...answer, freeBytes: null }, 'a figure that is missing'],
    [{ ...answer, usedBytes: '30' }, 'a figure as text'],
    [{ ...answer, usedBytes: -1 }, 'less than nothing'],
    [{ ...answer, totalBytes: 1e308 }, 'a figure of which sums are none'],
    [{ ...answer, processes: null }, 'no list'],
    [{ ...answer, processes: [{ pid: 7 }] }, 'a process without bytes'],
    [{ ...answer, processes: [7] }, 'a list of something else'],
  ])('is null for %j (%s)', (wrong, _why) => {
    expect(parseMonitorReading(wrong)).toBeNull();
  });
});
