import { describe, expect, it } from 'vitest';
import type { Sample } from '../../model/probe.ts';
import { mib } from '../../testing/build.ts';
import { createGuard } from './guard.ts';

const sample = (scope: Sample['scope'], instance: string, metric: string, value: number | null): Sample => ({
  scope,
  instance,
  metric,
  value,
});
const hostOf = (availableMib: number | null): Sample[] => [
  sample('host', 'host', 'mem_total_bytes', 8192 * mib),
  sample('host', 'host', 'mem_available_bytes', availableMib === null ? null : availableMib * mib),
];
const tree = (mebibytes: number | null): Sample[] => [
  sample('tree', 'tree', 'rss_anon_bytes', mebibytes === null ? null : mebibytes * mib),
  ...hostOf(6000),
];
const group = (over: { anon: number; usage: number; held: number; peak: number; tree: number }): Sample[] => [
  ...tree(over.tree),
  sample('cgroup', 'v1:/trial', 'anon_bytes', over.anon * mib),
  sample('cgroup', 'v1:/trial', 'usage_bytes', over.usage * mib),
  sample('cgroup', 'v1:/trial', 'non_reclaimable_bytes', over.held * mib),
  sample('cgroup', 'v1:/trial', 'peak_bytes', over.peak * mib),
  sample('cgroup', 'v1:/trial', 'limit_bytes', 1000 * mib),
];
const limited = (mebibytes: number): Sample[] =>
  group({ anon: mebibytes, usage: mebibytes, held: mebibytes, peak: mebibytes, tree: mebibytes });

describe('guard', () => {
  const quiet = { anon: 300, usage: 300, held: 300, peak: 300, tree: 300 };
  it.each([
    { why: 'the level is low', samples: group(quiet), stops: null },
    { why: 'the level is one short of 90 %', samples: limited(899), stops: null },
    { why: 'the level is 90 %', samples: limited(900), stops: true },
    { why: 'the kernel saw a burst that no sample shows', samples: group({ ...quiet, peak: 950 }), stops: true },
    { why: 'only page cache fills the group', samples: group({ ...quiet, usage: 990, peak: 995 }), stops: null },
    {
      why: 'the group is shared and full of what others hold',
      samples: group({ anon: 950, usage: 950, held: 950, peak: 950, tree: 100 }),
      stops: null,
    },
    { why: 'the tree alone is far from the host', samples: tree(2000), stops: null },
    { why: 'the tree holds 90 % of the host', samples: tree(7400), stops: true },
    { why: 'the host has 400 MiB left', samples: [...tree(100).slice(0, 1), ...hostOf(400)], stops: false },
    { why: 'what the host has left is not known', samples: [...tree(100).slice(0, 1), ...hostOf(null)], stops: null },
    { why: 'nothing was read', samples: [], stops: null },
    { why: 'the target is gone', samples: tree(null), stops: null },
    {
      why: 'the harness itself is fat',
      samples: [...tree(100), sample('client', 'harness', 'rss_bytes', 2000 * mib)],
      stops: false,
    },
  ])('answers $stops (is it the target?) when $why', ({ samples, stops }) => {
    const stop = createGuard({ ratio: 0.9, baseIntervalMs: 1000 }).observe(samples, 0);
    expect(stop?.isTargetLimit ?? null).toBe(stops);
  });

  it('stops between 85 and 90 % when the limit is less than 5 s away', () => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 1000 });
    let stop = null;
    let atMib = 0;
    for (let second = 0; stop === null && second < 60; second += 1) {
      atMib = 100 + 55 * second;
      stop = guard.observe(limited(atMib), second * 1000);
    }
    expect(stop?.reason).toMatch(/reaches the limit/);
    expect(stop?.projectedMsToLimit).toBeCloseTo(((1000 - atMib) / 55) * 1000, 0);
    expect(atMib).toBeLessThan(900);
  });

  it('never projects below 85 %, where a steep line is a worker that loads', () => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 1000 });
    const stops = Array.from({ length: 13 }, (_, second) => guard.observe(limited(140 + 50 * second), second * 1000));
    expect(stops.every((stop) => stop === null)).toBe(true);
  });

  it('sees a rise that begins after a long rest, before the share of the limit is reached', () => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 1000 });
    const stops = Array.from({ length: 62 }, (_, second) =>
      guard.observe(limited(100 + 50 * Math.max(0, second - 46)), second * 1000),
    );
    expect(stops.findLast((stop) => stop !== null)?.reason).toMatch(/reaches the limit/);
  });

  it('lets a worker load at three quarters of the limit', () => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 1000 });
    const stops = Array.from({ length: 40 }, (_, tick) =>
      guard.observe(limited(720 + Math.min(96, 24 * Math.max(0, tick - 20))), tick * 250),
    );
    expect(stops.every((stop) => stop === null)).toBe(true);
  });

  it('lets a bounded pool fill to four fifths of the limit within seconds', () => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 250 });
    const stops = Array.from({ length: 80 }, (_, tick) =>
      guard.observe(limited(140 + Math.min(660, 25 * Math.max(0, tick - 20))), tick * 250),
    );
    expect(stops.every((stop) => stop === null)).toBe(true);
  });

  it('answers once and keeps its gauge', () => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 1000 });
    expect(guard.observe(limited(950), 0)).not.toBeNull();
    expect(guard.observe(limited(960), 1000)).toBeNull();
    expect(guard.gauge()).toEqual({ usedBytes: 960 * mib, limitBytes: 1000 * mib, etaMs: null });
  });

  it('samples faster as the limit comes near, and never slower than usual', () => {
    const guard = createGuard({ ratio: null, baseIntervalMs: 1000 });
    expect(guard.nextIntervalMs()).toBe(1000);
    for (let second = 0; second <= 16; second += 1) {
      expect(guard.observe(limited(160 + 50 * second), second * 1000)).toBeNull();
    }
    expect(guard.nextIntervalMs()).toBeCloseTo(200, 0);
    guard.observe(limited(1000), 17_000);
    expect(guard.nextIntervalMs()).toBe(100);
  });

  it.each([
    { why: 'a leak that has lasted', level: (second: number) => 100 + 10 * second, shown: true },
    { why: 'a leak sampled for seconds only', level: (second: number) => 100 + 10 * second, seconds: 20, shown: false },
    {
      why: 'weights that load and then rest',
      level: (second: number) => 100 + Math.min(600, 60 * second),
      shown: false,
    },
    { why: 'one step of a worker', level: (second: number) => (second < 30 ? 100 : 400), shown: false },
    { why: 'noise', level: (second: number) => 300 + (second % 7), shown: false },
  ])('tells a time to the limit only of a rise that has lasted: $why', ({ level, shown, seconds = 50 }) => {
    const guard = createGuard({ ratio: null, baseIntervalMs: 1000 });
    for (let second = 0; second <= seconds; second += 1) {
      guard.observe(limited(level(second)), second * 1000);
    }
    expect(guard.gauge().etaMs !== null).toBe(shown);
  });

  it.each([
    { why: 'a rise that would reach the guard within four intervals', levels: [300, 500], intervalMs: 200 },
    { why: 'one that would take longer', levels: [300, 400], intervalMs: 1000 },
    { why: 'a fall', levels: [500, 300], intervalMs: 1000 },
    { why: 'the first sample', levels: [500], intervalMs: 1000 },
    { why: 'a rise that has been over for two intervals', levels: [300, 500, 500, 500], intervalMs: 1000 },
  ])('samples every $intervalMs ms after $why', ({ levels, intervalMs }) => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 1000 });
    for (const [second, level] of levels.entries()) {
      guard.observe(limited(level), 1000 * second);
    }
    expect(guard.nextIntervalMs()).toBe(intervalMs);
  });

  it('stops once more after it was armed again, by what it reads from then on', () => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 1000 });
    expect(guard.observe(limited(950), 0)?.isTargetLimit).toBe(true);
    expect(guard.observe(limited(950), 1000)).toBeNull();
    guard.rearm();
    expect(guard.observe(limited(100), 2000)).toBeNull();
    expect(guard.observe(limited(950), 3000)?.isTargetLimit).toBe(true);
  });

  it('counts what tmpfs gained, once', () => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 1000 });
    const withShm = (mebibytes: number): Sample[] => [
      ...tree(100),
      sample('host', '/dev/shm', 'tmpfs_used_bytes', mebibytes * mib),
      sample('process', 'a#1', 'rss_shmem_bytes', 300 * mib),
      sample('process', 'b#2', 'rss_shmem_bytes', 300 * mib),
    ];
    guard.observe(withShm(50), 0);
    guard.observe(withShm(450), 1000);
    expect(guard.gauge().usedBytes).toBe(500 * mib);
  });

  it('counts no more files in memory than the group is charged for, whoever else writes some on the host', () => {
    const guard = createGuard({ ratio: 0.9, baseIntervalMs: 1000 });
    const shared = (filesMib: number, chargedMib: number): Sample[] => [
      ...group({ anon: 950, usage: 950, held: 950, peak: 950, tree: 100 }),
      sample('cgroup', 'v1:/trial', 'shmem_bytes', chargedMib * mib),
      sample('host', '/dev/shm', 'tmpfs_used_bytes', filesMib * mib),
    ];
    guard.observe(shared(50, 10), 0);
    expect(guard.observe(shared(5000, 110), 1000)).toBeNull();
    expect(guard.gauge().usedBytes).toBe(200 * mib);
  });

  it.each([
    { why: 'it falls', after: [880, 500], ratio: 0.9, stops: false },
    { why: 'it stays as high as the load had left it', after: [980, 980], loadLeft: 980, ratio: 0.9, stops: false },
    { why: 'it rises, but to less than 97 %', after: [930, 969], ratio: 0.9, stops: false },
    { why: 'it rises to 97 %', after: [940, 970], ratio: 0.9, stops: true },
    {
      why: 'the guard was set so near that 97 % is no rise',
      after: [985, 988],
      loadLeft: 980,
      ratio: 0.98,
      stops: false,
    },
    {
      why: 'it rises half of what that near guard had left',
      after: [985, 991],
      loadLeft: 980,
      ratio: 0.98,
      stops: true,
    },
  ])('once its stop has ended the load it stops again only where memory rises on: $why', (row) => {
    const guard = createGuard({ ratio: row.ratio, baseIntervalMs: 1000 });
    expect(guard.observe(limited(row.loadLeft ?? 900), 0)).not.toBeNull();
    guard.rest();
    const stop = row.after.map((mebibytes, index) => guard.observe(limited(mebibytes), 1000 * (index + 1))).at(-1);
    expect(stop !== null).toBe(row.stops);
  });
});
