import { describe, expect, it } from 'vitest';
import { Lateness } from './lateness.ts';

function of(count: number): readonly number[] {
  const lateness = new Lateness();
  for (let index = 0; index < count; index += 1) {
    lateness.add(index);
  }
  return lateness.ms();
}

describe('the lateness of what was sent', () => {
  it.each([
    ['nothing was sent', 0, 0, undefined],
    ['each is kept while they are few', 32_767, 32_767, 32_766],
    ['every second is kept once they are many', 32_768, 16_384, 32_766],
    ['every thirty-second is kept of a million', 1_000_000, 31_250, 999_968],
  ])('%s', (_, count, kept, last) => {
    const latenessMs = of(count);
    expect(latenessMs).toHaveLength(kept);
    expect(latenessMs.at(-1)).toBe(last);
  });

  it('is kept evenly, from the first to the last', () => {
    const latenessMs = of(200_000);
    const gaps = new Set(latenessMs.slice(1).map((ms, index) => ms - (latenessMs[index] ?? 0)));
    expect(latenessMs[0]).toBe(0);
    expect([...gaps]).toEqual([8]);
  });
});
