import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../testing/build.ts';
import { inFlight, stepAt } from './in-flight.ts';

const timeMs = fc.integer({ min: 0, max: 50 });
const request = fc.record({ startMs: fc.option(timeMs), endMs: fc.option(timeMs), bytesOut: fc.integer({ max: 9 }) });

describe('what is in flight', () => {
  it.each([
    { why: 'nothing was sent', times: [], steps: [[0, 0]] },
    { why: 'a request that was never sent is none', times: [[null, null]], steps: [[0, 0]] },
    {
      why: 'one that has not ended stays',
      times: [[5, null]],
      steps: [
        [0, 0],
        [5, 1],
      ],
    },
    {
      why: 'one that begins as another ends is one step',
      times: [
        [1, 4],
        [4, 6],
      ],
      steps: [
        [0, 0],
        [1, 1],
        [4, 1],
        [6, 0],
      ],
    },
    {
      why: 'one that ended before it began has no length',
      times: [[4, 3]],
      steps: [
        [0, 0],
        [4, 0],
      ],
    },
  ])('is a step at each time once: $why', ({ times, steps }) => {
    const records = times.map(([startMs = null, endMs = null], seq) => record(seq, { startMs, endMs }));
    const { tMs, values } = inFlight(records);
    expect([...tMs].map((atMs, index) => [atMs, values[index]])).toEqual(steps);
  });

  it('weighs at any time those that had begun and had not ended', () => {
    fc.assert(
      fc.property(fc.array(request), timeMs, (requests, atMs) => {
        const records = requests.map((over, seq) => record(seq, over));
        const open = requests.filter(
          ({ startMs, endMs }) =>
            startMs !== null && startMs <= atMs && (endMs === null || Math.max(startMs, endMs) > atMs),
        );
        const expected = open.reduce((sum, { bytesOut }) => sum + bytesOut, 0);
        expect(
          stepAt(
            inFlight(records, ({ bytesOut }) => bytesOut ?? 0),
            atMs,
          ),
        ).toBe(expected);
      }),
    );
  });
});
