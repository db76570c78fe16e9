import { expect, it } from 'vitest';
import { isUnavailable } from '../model/artifacts.ts';
import type { Stage } from '../model/profile.ts';
import { sampleTable, series } from '../testing/build.ts';
import { jobBoard } from './job-board.ts';

const told = sampleTable({ 'client/harness/tasks_reserved': series([0, 3, 1]) });

function stage(load: Stage['load'], timeoutMs: number): Stage {
  return { name: 'job', kind: 'load', load, durationMs: 1000, timeoutMs, pick: 'shuffled', client: null };
}

const burst: Stage['load'] = { executor: 'burst', size: 9, repeats: 1, everyMs: 1000, maxInFlight: 9 };
const halfHourMs = 1_800_000;

it.each<[string, number, number, number, number]>([
  ['as it is at scale 1', 1, halfHourMs, 300_000, 300_000],
  ['never beyond the time of its task', 1, 120_000, 120_000, 120_000],
  ['longer at a greater scale', 2, 2 * halfHourMs, 600_000, 300_000],
  ['shorter at a lesser scale', 0.5, halfHourMs / 2, 150_000, 300_000],
  ['a minute at least', 0.05, halfHourMs / 20, 60_000, 300_000],
  ['less than a minute only where its task has less', 0.01, halfHourMs / 100, 18_000, 300_000],
])('tells a lease %s', (_, scale, timeoutMs, leaseMs, wholeLeaseMs) => {
  const stages = [stage(null, 1), stage(burst, timeoutMs)];
  expect(jobBoard(told, { scale, stages })).toMatchObject({ leaseMs, wholeLeaseMs });
});

it('tells no lease of a profile that offers nothing', () => {
  expect(jobBoard(told, { scale: 1, stages: [stage(null, 1)] })).toMatchObject({ leaseMs: null, wholeLeaseMs: null });
});

it('keeps what was told of the tasks', () => {
  const board = jobBoard(told, { scale: 1, stages: [] });
  expect(isUnavailable(board) ? [] : [...board.reserved.values]).toEqual([0, 3, 1]);
});
