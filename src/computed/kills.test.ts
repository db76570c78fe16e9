import { describe, expect, it } from 'vitest';
import { event, line, mib, sampleTable, series } from '../testing/build.ts';
import { kills } from './kills.ts';

const counter = 'cgroup/v1:/trial/oom_kills';
const hostMemory = (availableMib: (second: number) => number) => ({
  'host/host/oom_kills': series([0, 0, 0, 0, 1]),
  'host/host/mem_available_bytes': line(8, (second) => availableMib(second) * mib),
  'host/host/mem_total_bytes': line(8, () => 1000 * mib),
});

describe('kills', () => {
  it.each([
    { why: 'the counter stood still to the end', values: [0, 0, 0], cgroupKills: 0, countedUntilMs: 2000 },
    {
      why: 'the counter could not be read at the end, when it may have risen',
      values: [0, 0, null, null, null, null],
      cgroupKills: null,
      countedUntilMs: 1000,
    },
    { why: 'one reading at the end failed', values: [0, 0, null], cgroupKills: 0, countedUntilMs: 1000 },
    { why: 'it rose before the group went', values: [0, 1, null], cgroupKills: 1, countedUntilMs: 1000 },
  ])('of the group are $cgroupKills where $why', ({ values, cgroupKills, countedUntilMs }) => {
    expect(kills(sampleTable({ [counter]: series(values) }), [])).toMatchObject({ cgroupKills, countedUntilMs });
  });

  it('have the parts of their rows as evidence, and those of the host apart', () => {
    const found = kills(sampleTable({ [counter]: series([0, 1]) }), [
      event(400, 'oom_kill', { subject: 'host', detail: 'kernel log: killed chrome#777' }),
      event(1000, 'oom_kill', { subject: 'v1:/trial', detail: '1 more, 1 in all; limit_failures +3' }),
    ]);
    expect(found).toEqual({
      cgroupKills: 1,
      countedUntilMs: 1000,
      hostKills: null,
      firstMs: 1000,
      hostKillTimesMs: [400],
      availableRatio: null,
      evidence: ['1 more, 1 in all', 'limit_failures +3'],
    });
  });

  it.each([
    { why: 'it had 2 % left just before', available: (second: number) => (second === 3 ? 20 : 500), ratio: 0.02 },
    { why: 'it had been short long before', available: (second: number) => (second === 0 ? 20 : 500), ratio: 0.5 },
    { why: 'it was short only afterwards', available: (second: number) => (second > 4 ? 20 : 500), ratio: 0.5 },
  ])('tell how much the host had left at its first kill: $why', ({ available, ratio }) => {
    expect(kills(sampleTable(hostMemory(available)), [])).toMatchObject({ hostKills: 1, availableRatio: ratio });
  });
});
