import { describe, expect, it } from 'vitest';
import { agreementOf } from './agreement.ts';

const truth = (id: string, firstByteMs: number, repliedMs: number) => ({
  id,
  firstByteMs,
  lastByteMs: repliedMs,
  repliedMs,
});

describe('the agreement of latencies', () => {
  it('is the median of what an engine adds or leaves out', () => {
    const spells = [
      { id: 'a', startMs: 0, endMs: 12 },
      { id: 'b', startMs: 5, endMs: 13 },
      { id: 'c', startMs: 9, endMs: 22 },
    ];
    const truths = [truth('a', 1, 11), truth('b', 6, 16), truth('c', 10, 22)];
    expect(agreementOf(spells, truths)).toEqual({ medianMs: 2, pairs: 3 });
  });

  it('pairs the requests for one item in the order of time', () => {
    const spells = [
      { id: 'a', startMs: 100, endMs: 150 },
      { id: 'a', startMs: 0, endMs: 10 },
    ];
    const truths = [truth('a', 1, 10), truth('a', 101, 150)];
    expect(agreementOf(spells, truths)).toEqual({ medianMs: 1, pairs: 2 });
  });

  it('is unknown where nothing pairs', () => {
    expect(agreementOf([{ id: 'a', startMs: 0, endMs: 1 }], [truth('b', 0, 1)])).toEqual({ medianMs: null, pairs: 0 });
  });
});
