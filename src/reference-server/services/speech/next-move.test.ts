import { describe, expect, it } from 'vitest';
import { createJob, type Job } from './job.ts';
import { nextMove } from './next-move.ts';

function job(id: number, requeues: number): Job {
  const wav = { dataOffset: 44, dataBytes: 16_000, sampleRate: 8000 };
  return { ...createJob(id, `/clip-${id}`, wav, () => undefined), requeues };
}

const fresh = job(1, 0);
const later = job(2, 0);
const returned = job(3, 1);
const both = { hot: true, cold: true };
const hot = { hot: true, cold: false };
const cold = { hot: false, cold: true };
const none = { hot: false, cold: false };
const wait = { kind: 'wait' };

describe('nextMove', () => {
  const rows: readonly [why: string, waiting: readonly Job[], free: typeof both, skipYields: boolean, move: object][] =
    [
      ['nothing waits', [], both, true, wait],
      ['no lane is free', [fresh], none, true, wait],
      ['no lane is free, and a skip does not yield', [returned], none, false, wait],
      ['the hot lane goes before a cold one', [fresh], both, true, { kind: 'hand-over', job: fresh, lane: 'hot' }],
      [
        'the hot lane takes what was put back',
        [returned],
        hot,
        true,
        { kind: 'hand-over', job: returned, lane: 'hot' },
      ],
      [
        'so it does where a skip does not yield',
        [returned],
        both,
        false,
        { kind: 'hand-over', job: returned, lane: 'hot' },
      ],
      ['the first clip goes first', [fresh, later], cold, true, { kind: 'hand-over', job: fresh, lane: 'cold' }],
      ['a cold lane passes over', [returned, later], cold, true, { kind: 'hand-over', job: later, lane: 'cold' }],
      ['a cold lane leaves what is left to the hot one', [returned], cold, true, wait],
      ['a skip that does not yield', [returned], cold, false, { kind: 'skip', job: returned }],
      ['it puts back even before a fresh clip', [returned, later], cold, false, { kind: 'skip', job: returned }],
      [
        'a fresh clip first is no skip',
        [later, returned],
        cold,
        false,
        { kind: 'hand-over', job: later, lane: 'cold' },
      ],
    ];
  it.each(rows)('%s', (_why, waiting, free, skipYields, move) => {
    expect(nextMove(waiting, free, skipYields)).toEqual(move);
  });
});
