import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUnavailable, type ProcessLife, type Series } from '../model/artifacts.ts';
import { mib, sampleTable, series, stageWindowsOf } from '../testing/build.ts';
import { footprint, growingHolder } from './footprint.ts';
import { limit } from './limit.ts';
import { emptySeries } from './series.ts';

const of = (...values: (number | null)[]): Series =>
  series(values.map((value) => (value === null ? null : value * mib)));
const stages = stageWindowsOf([
  ['base', 'idle', 2],
  ['load', 'load', 2],
  ['after', 'lull', 3],
]);
const front: ProcessLife = {
  instance: 'front#1',
  role: 'front',
  pid: 1,
  isRoot: true,
  firstMs: 0,
  lastMs: 0,
  goneMs: null,
};
const made = (columns: Record<string, Series>) => {
  const result = footprint(sampleTable(columns), stages, emptySeries, [front]);
  if (isUnavailable(result)) {
    throw new Error(result.reason);
  }
  return result;
};
const inMib = (held: Series): number[] => [...held.values].map((value) => Math.round(value / mib));
const tree = {
  'tree/tree/rss_anon_bytes': of(100, 100, 400, 400, 100, 100, 110),
  'process/front#1/rss_anon_bytes': of(60, 60, 60, 60, 60, 60, 70),
  'process/cold#2/rss_anon_bytes': of(40, 40, 40, 40, 40, 40, 40),
  'process/cold#3/rss_anon_bytes': { tMs: Float64Array.of(2000, 3000), values: Float64Array.of(300 * mib, 300 * mib) },
};

describe('footprint', () => {
  it('sums the tree and books memory by role', () => {
    const found = made(tree);
    expect(inMib(found.total)).toEqual([100, 100, 400, 400, 100, 100, 110]);
    expect(found.holders.map(({ holder }) => holder)).toEqual(['front', 'cold']);
    expect(inMib(found.holders[1]?.series ?? emptySeries)).toEqual([40, 40, 340, 340, 40, 40, 40]);
    expect(found).toMatchObject({
      peakBytes: 400 * mib,
      peakMs: 2000,
      peakHolder: 'cold',
      peakSource: 'samples',
      baselineBytes: 100 * mib,
      floorBytes: 110 * mib,
    });
    expect(growingHolder(found.holders, 5000, 6000)).toBe('front');
  });

  it('adds swap, and shared memory once however many map it', () => {
    const found = made({
      ...tree,
      'tree/tree/swap_bytes': of(0, 0, 50, 50, 0, 0, 0),
      'process/front#1/swap_bytes': of(0, 0, 50, 50, 0, 0, 0),
      'process/front#1/rss_shmem_bytes': of(0, 0, 30, 30, 0, 0, 0),
      'process/cold#2/rss_shmem_bytes': of(0, 0, 30, 30, 0, 0, 0),
      'host//dev/shm/tmpfs_used_bytes': of(500, 500, 530, 600, 500, 500, 500),
    });
    expect(inMib(found.total)).toEqual([100, 100, 480, 550, 100, 100, 110]);
  });

  const group = {
    'cgroup/v1:/trial/non_reclaimable_bytes': of(110, 110, 420, 420, 110, 110, 120),
    'cgroup/v1:/trial/anon_bytes': of(100, 100, 400, 400, 100, 100, 110),
    'cgroup/v1:/trial/usage_bytes': of(210, 210, 900, 900, 400, 400, 400),
    'cgroup/v1:/trial/limit_bytes': of(1000, 1000, 1000, 1000, 1000, 1000, 1000),
    'cgroup/v1:/trial/limit_level': series([1, 1, 1, 1, 1, 1, 1]),
    'host/host/mem_total_bytes': of(8000),
  };

  it("takes the group's own account where the target has a limited group of its own", () => {
    const found = made({ ...tree, ...group });
    expect(inMib(found.total)).toEqual([110, 110, 420, 420, 110, 110, 120]);
    expect(inMib(found.holders.at(-1)?.series ?? emptySeries)).toEqual([10, 10, 20, 20, 10, 10, 10]);
  });

  it.each([
    { why: 'page cache is taken off the mark', marks: [210, 210, 950, 990, 900, 400, 400], peakMib: 510 },
    { why: 'a burst between two samples counts', marks: [210, 210, 900, 900, 1000, 700, 400], peakMib: 520 },
    { why: 'a mark that was missed counts for nothing', marks: [null, null, null, null], peakMib: 420 },
  ])('reads the peak from the high-water mark: $why', ({ marks, peakMib }) => {
    expect(made({ ...tree, ...group, 'cgroup/v1:/trial/peak_bytes': of(...marks) }).peakBytes).toBe(peakMib * mib);
  });

  it('keeps to the tree when others live in the same group', () => {
    const shared = { ...group, 'cgroup/v1:/trial/anon_bytes': of(400, 400, 700, 700, 400, 400, 400) };
    expect(inMib(made({ ...tree, ...shared }).total)).toEqual([100, 100, 400, 400, 100, 100, 110]);
    expect(limit(sampleTable({ ...tree, ...shared }))).toMatchObject({
      source: 'cgroup v1 /trial (1 level up), shared with other processes',
    });
  });

  it('names the tightest limit and its place', () => {
    expect(limit(sampleTable({ ...tree, ...group }))).toEqual({
      bytes: 1000 * mib,
      source: 'cgroup v1 /trial (1 level up)',
      isCgroup: true,
    });
    expect(limit(sampleTable({ 'host/host/mem_total_bytes': of(8000) }))).toMatchObject({ source: 'host memory' });
    expect(limit(sampleTable({}))).toHaveProperty('unavailable', true);
  });

  it('books a process under the name that it takes after its start', () => {
    const found = made({
      'tree/tree/rss_anon_bytes': of(40, 90, 90),
      'process/node#7/rss_anon_bytes': of(40),
      'process/cold#7/rss_anon_bytes': series([90 * mib, 90 * mib], 1000, 1000),
    });
    expect(found.holders.map(({ holder, series: held }) => [holder, inMib(held)])).toEqual([['cold', [40, 90, 90]]]);
  });

  it('keeps a gap a gap', () => {
    const found = made({ 'tree/tree/rss_anon_bytes': of(100, null, 100) });
    expect(Number.isNaN(found.total.values[1])).toBe(true);
  });

  it('is unavailable, not zero, when no process was seen', () => {
    expect(footprint(sampleTable({}), stages, emptySeries, [])).toHaveProperty('unavailable', true);
  });

  it('is that of the group alone where no process is in sight', () => {
    const found = made({ 'cgroup/prometheus:server/non_reclaimable_bytes': of(100, 110, 300, 200, 120, 120, 120) });
    expect(inMib(found.total)).toEqual([100, 110, 300, 200, 120, 120, 120]);
    expect(found).toMatchObject({ peakBytes: 300 * mib, peakHolder: 'prometheus:server', parts: [] });
  });

  it.each([
    {
      why: 'of a process beside its present level',
      columns: {
        'process/front#1/hwm_bytes': of(60, 62, 560, 60, 60, 60, 70),
        'process/front#1/rss_bytes': of(60, 60, 60, 60, 60, 60, 70),
      },
      peaks: [100, 102, 900, 400, 100, 100, 110],
      peakSource: 'high-water marks of the processes',
    },
    {
      why: 'of two processes as one moment: an upper bound',
      columns: {
        'process/front#1/hwm_bytes': of(60, 160, 60, 60, 60, 60, 70),
        'process/front#1/rss_bytes': of(60, 60, 60, 60, 60, 60, 70),
        'process/cold#2/hwm_bytes': of(40, 640, 40, 40, 40, 40, 40),
        'process/cold#2/rss_bytes': of(40, 40, 40, 40, 40, 40, 40),
      },
      peaks: [100, 800, 400, 400, 100, 100, 110],
      peakSource: 'high-water marks of the processes',
    },
    {
      why: 'of none: the samples are all there is',
      columns: {},
      peaks: [100, 100, 400, 400, 100, 100, 110],
      peakSource: 'samples',
    },
  ])('counts the high-water mark $why', ({ columns, peaks, peakSource }) => {
    const found = made({ ...tree, ...columns });
    expect(inMib(found.peaks)).toEqual(peaks);
    expect(found).toMatchObject({ peakBytes: Math.max(...peaks) * mib, peakSource });
  });

  it('has each kind of memory as a part of its own, and a page of a mapped file once', () => {
    const found = made({
      ...tree,
      'tree/tree/swap_bytes': of(0, 0, 0, 30, 30, 30, 30),
      'process/front#1/rss_shmem_bytes': of(10, 10, 90, 90, 90, 10, 10),
      'process/cold#2/rss_shmem_bytes': of(10, 10, 50, 50, 50, 10, 10),
      'host//dev/shm/tmpfs_used_bytes': of(500, 500, 540, 540, 540, 500, 500),
    });
    expect(Object.fromEntries(found.parts.map(({ part, series: held }) => [part, inMib(held)]))).toEqual({
      'parent-anon': [60, 60, 60, 60, 60, 60, 70],
      'child-anon': [40, 40, 340, 340, 40, 40, 40],
      swap: [0, 0, 0, 30, 30, 30, 30],
      'shared-mapping': [10, 10, 50, 50, 50, 10, 10],
      tmpfs: [0, 0, 40, 40, 40, 0, 0],
    });
  });

  it('has no part that was never read', () => {
    expect(made({ 'tree/tree/rss_anon_bytes': of(100) }).parts.map(({ part }) => part)).toEqual([
      'parent-anon',
      'child-anon',
    ]);
  });

  it('has holders that together give the total, whatever was read', () => {
    const bytes = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, bytes, bytes), { minLength: 1, maxLength: 20 }), (ticks) => {
        const found = made({
          'tree/tree/rss_anon_bytes': of(...ticks.map(([front, cold]) => front + cold)),
          'process/front#1/rss_anon_bytes': of(...ticks.map(([front]) => front)),
          'process/cold#2/rss_anon_bytes': of(...ticks.map(([, cold]) => cold)),
          'cgroup/v2:/a/non_reclaimable_bytes': of(
            ...ticks.map(([front, cold, other]) => Math.max(0, front + cold + other - 20)),
          ),
          'cgroup/v2:/a/anon_bytes': of(...ticks.map(([front, cold]) => front + cold)),
          'cgroup/v2:/a/limit_bytes': of(...ticks.map(() => 5000)),
        });
        for (const [index, total] of found.total.values.entries()) {
          const sum = found.holders.reduce((held, { series: held_ }) => held + (held_.values[index] ?? 0), 0);
          expect(Math.abs(sum - total)).toBeLessThan(1);
        }
      }),
    );
  });
});
