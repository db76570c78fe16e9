import { describe, expect, it } from 'vitest';
import { SampleTableBuilder } from './sample-table.ts';

/** Each reading as its time and its metric; values are the times. */
function tableOf(readings: readonly (readonly [number, string])[]): ReturnType<SampleTableBuilder['build']> {
  const builder = new SampleTableBuilder();
  for (const [tMs, metric] of readings) {
    builder.add({ tMs, scope: 'host', instance: 'host', metric, value: tMs });
  }
  return builder.build();
}

describe('a table of samples', () => {
  it.each([
    { why: 'from the first tick on', ticks: [10, 21, 33] },
    { why: 'only at the last ticks', ticks: [21, 33] },
    { why: 'at every other tick', ticks: [10, 33] },
    { why: 'once', ticks: [21] },
    { why: 'three times at one tick', ticks: [10, 10, 10] },
  ])('has the times at which a metric was read: $why', ({ ticks }) => {
    const all = [10, 21, 33];
    const table = tableOf(
      all.flatMap((tMs) => [
        [tMs, 'all'] as const,
        ...ticks.filter((at) => at === tMs).map((at) => [at, 'one'] as const),
      ]),
    );
    expect([...(table.series('host', 'host', 'one')?.tMs ?? [])]).toEqual(ticks);
    expect([...(table.series('host', 'host', 'one')?.values ?? [])]).toEqual(ticks);
  });

  it('has one array of times for all that was read at every tick', () => {
    const table = tableOf([1, 2, 3].flatMap((tMs) => [[tMs, 'a'] as const, [tMs, 'b'] as const]));
    expect(table.series('host', 'host', 'a')?.tMs).toBe(table.series('host', 'host', 'b')?.tMs);
  });
});
