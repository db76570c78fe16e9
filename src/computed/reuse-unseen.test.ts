import { describe, expect, it } from 'vitest';
import { isUnavailable } from '../model/artifacts.ts';
import { footprint, line, mib, record, stage, stageWindowsOf } from '../testing/build.ts';
import { capacityOf } from './capacity.ts';
import { inFlight } from './in-flight.ts';
import { ladder } from './ladder.ts';

const limit = { bytes: 2048 * mib, source: 'cgroup v1 /trial' };

/** Two levels of load without a pause between them, and memory that stays where the second one left it. */
function capacityWith(after: readonly (readonly [string, 'load' | 'lull' | 'canary', number])[]) {
  const stages = stageWindowsOf([
    ['base', 'idle', 10],
    ['ramp', 'load', 10],
    ['overload', 'load', 10],
    ['lull', 'lull', 10],
    ...after,
  ]).map((window) => ({ ...window, stage: { ...stage(window.name, window.kind, 10_000), load: window.stage.load } }));
  const callers = (name: string): number =>
    name === 'ramp' || name === 'burst-again' ? 4 : name === 'overload' ? 8 : 0;
  const records = stages.flatMap(({ name, startMs }, index) =>
    Array.from({ length: callers(name) * 10 }, (_, nth) => {
      const atMs = startMs + 1000 * Math.floor(nth / callers(name));
      return record(1000 * index + nth, { stage: name, plannedMs: atMs, startMs: atMs, endMs: atMs + 999 });
    }),
  );
  const held = (second: number): number => (second < 10 ? 40 : second < 20 ? 440 : second < 30 ? 840 : 830) * mib;
  const total = line(10 * stages.length, held);
  const rungs = ladder(footprint(total, { baselineBytes: 40 * mib }), stages, [], {
    records,
    items: new Map(),
    planned: stages.map((window) => window.stage),
    busy: inFlight(records),
  });
  if (isUnavailable(rungs)) {
    throw new Error(rungs.reason);
  }
  return { rungs, capacity: capacityOf(rungs, limit) };
}

describe('a capacity of memory that stays after the load', () => {
  it('is not told where no load came after the pause', () => {
    const { rungs, capacity } = capacityWith([]);
    expect(rungs.reusedBytes).toBe(830 * mib);
    expect(capacity).toMatch(
      /^memory stayed at 830 MiB after the load, and no load came after that: .*capacity-search/,
    );
  });

  it('is told where a later load used it again', () => {
    const { rungs, capacity } = capacityWith([['burst-again', 'load', 10]]);
    expect(rungs.reuseUnseenWhy).toBeNull();
    expect(capacity).toMatchObject({ baseBytes: 40 * mib });
  });

  it('needs more than a canary', () => {
    expect(capacityWith([['canary', 'canary', 10]]).rungs.reuseUnseenWhy).not.toBeNull();
  });
});
