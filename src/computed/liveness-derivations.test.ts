import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUnavailable, type Series } from '../model/artifacts.ts';
import { healthyArtifacts, line, mib, sampleTable, series } from '../testing/build.ts';
import { coresOf, cpuUse } from './cpu-use.ts';
import { descriptors } from './descriptors.ts';
import { deviceUse } from './device-use.ts';
import { hiddenMemory } from './hidden-memory.ts';
import { jobBoard } from './job-board.ts';
import { lightRoutes } from './light-routes.ts';
import { lockedMemory } from './locked-memory.ts';
import { serverGauges } from './server-gauges.ts';
import { meanRate, spansWhere } from './spans.ts';

const empty = sampleTable({});
const valuesOf = (held: { values: Float64Array }): number[] => [...held.values];

describe('what was never sampled', () => {
  it('is unavailable or empty, and never 0', () => {
    for (const artifact of [cpuUse(empty, []), descriptors(empty), lockedMemory(empty), hiddenMemory(empty)]) {
      expect(isUnavailable(artifact)).toBe(true);
    }
    expect(jobBoard(empty, { scale: 1, stages: [] })).toMatchObject({ unavailable: true, isNotAsked: true });
    expect(lightRoutes(empty)).toEqual([]);
    expect(serverGauges(empty)).toEqual({ queues: [], work: [], abandoned: [], descriptorRefusals: [] });
    expect(deviceUse({ unavailable: true, reason: 'none' }).state).toBe('none');
  });
});

describe('cpuUse', () => {
  it('tells cores between readings, over gaps, and none where a count falls', () => {
    expect(valuesOf(coresOf(series([1, 2, null, 3, 0, 1])))).toEqual([Number.NaN, 1, 0.5, Number.NaN, 1]);
  });

  it('knows the root, also by a name that it took later', () => {
    const life = { instance: 'front#7', role: 'front', pid: 7, isRoot: true, firstMs: 0, lastMs: 9, goneMs: null };
    const use = cpuUse(sampleTable({ 'process/front#7/cpu_seconds': series([1, 2]) }), [life]);
    expect(isUnavailable(use) ? [] : use.processes.map(({ role, isRoot }) => [role, isRoot])).toEqual([
      ['front', true],
    ]);
  });
});

describe('hiddenMemory', () => {
  it('is what tmpfs gained less what processes map, and never below 0', () => {
    const seen = hiddenMemory(
      sampleTable({
        'host//dev/shm/tmpfs_used_bytes': series([100, 600, 700, null].map((one) => (one === null ? null : one * mib))),
        'host//dev/shm/tmpfs_size_bytes': series([64, 64, 64, 64].map((one) => one * mib)),
        'tree/tree/rss_shmem_bytes': series([0, 100, 900, 0].map((one) => one * mib)),
      }),
    );
    expect(isUnavailable(seen) ? [] : valuesOf(seen.unseen)).toEqual([0, 400 * mib, 0, Number.NaN]);
    expect(isUnavailable(seen) ? [] : seen.mounts).toMatchObject([{ mountPoint: '/dev/shm', sizeBytes: 64 * mib }]);
  });

  it.each([
    ["of the target's own group counts, and no more than it", [10, 210, 310], 100, [0, 200, 300], true],
    ['that its own group held before does not count', [500, 500, 500], 100, [0, 0, 0], true],
    ['of a group that others share may be theirs', [10, 210, 310], 900, [0, 200, 300], false],
    ['that others put there counts for nothing in a group that they share not', [0, 0, 0], 900, [0, 0, 0], false],
    ['counts in full without a group, and may be of anybody', null, 100, [0, 500, 600], false],
  ] as const)('what a charge %s', (_why, charged, groupAnon, unseen, isOwn) => {
    const inMib = (values: readonly number[]): Series => series(values.map((one) => one * mib));
    const group = {
      'cgroup/v2:/pod/non_reclaimable_bytes': inMib([groupAnon, groupAnon, groupAnon]),
      'cgroup/v2:/pod/anon_bytes': inMib([groupAnon, groupAnon, groupAnon]),
      'cgroup/v2:/pod/shmem_bytes': inMib(charged ?? []),
    };
    const seen = hiddenMemory(
      sampleTable({
        'host//dev/shm/tmpfs_used_bytes': inMib([100, 600, 700]),
        'tree/tree/rss_anon_bytes': inMib([100, 100, 100]),
        ...(charged === null ? {} : group),
      }),
    );
    expect(isUnavailable(seen) ? [] : valuesOf(seen.unseen)).toEqual(unseen.map((one) => one * mib));
    expect(isUnavailable(seen) ? null : seen.isOwn).toBe(isOwn);
  });
});

describe('lightRoutes', () => {
  it('takes a 503 of readiness for an answer, and an empty page of metrics for none', () => {
    const routes = lightRoutes(
      sampleTable({
        'target/ready/health_ok': series([1, 0, 0]),
        'target/ready/health_status': series([200, 503, null]),
        'target/metrics/a': series([1, null, null]),
        'target/metrics/b': series([2, 3, null]),
      }),
    );
    expect(routes.map(({ answered }) => valuesOf(answered))).toEqual([
      [1, 1, 0],
      [1, 1, 0],
    ]);
  });
});

describe('serverGauges', () => {
  it('adds up the label sets of a known name and leaves the others out', () => {
    const told = serverGauges(
      sampleTable({
        'target/metrics/vllm:num_requests_waiting{engine="0"}': series([1, null]),
        'target/metrics/vllm:num_requests_waiting{engine="1"}': series([2, null]),
        'target/metrics/vllm:num_requests_waiting_total': series([9, 9]),
        'target/metrics/headroom_ingest_system_refusals_total{code="EMFILE"}': series([1, 2]),
        'target/metrics/headroom_ingest_system_refusals_total{code="ENOMEM"}': series([5, 5]),
      }),
    );
    expect(told.queues.map(({ name, series: held }) => [name, valuesOf(held)])).toEqual([
      ['vllm:num_requests_waiting', [3, Number.NaN]],
    ]);
    expect(told.descriptorRefusals.map(({ series: held }) => valuesOf(held))).toEqual([[1, 2]]);
  });
});

describe('lockedMemory and descriptors', () => {
  it('adds what is locked to what drivers pin, by role', () => {
    const seen = lockedMemory(
      sampleTable({
        'tree/tree/locked_bytes': series([10, 20]),
        'tree/tree/pinned_bytes': series([1, null]),
        'process/a#1/locked_bytes': series([4, 20]),
        'process/b#2/locked_bytes': series([0, 0]),
      }),
    );
    expect(isUnavailable(seen) ? [] : valuesOf(seen.total)).toEqual([11, 20]);
    expect(isUnavailable(seen) ? [] : seen.holders.map(({ role }) => role)).toEqual(['a']);
  });

  it('has no limit for a process whose limit is unlimited', () => {
    const seen = descriptors(
      sampleTable({ 'process/a#1/fds': series([3]), 'process/a#1/fd_soft_limit': series([null]) }),
    );
    expect(isUnavailable(seen) ? [] : seen.map(({ softLimit }) => softLimit)).toEqual([null]);
  });
});

describe('deviceUse', () => {
  it('takes the busiest device of the target, and a virtual one for none', () => {
    const { device } = healthyArtifacts();
    expect(deviceUse(device).state).toBe('none');
    const one = { ...device, kind: 'cuda' as const, treeBytes: series([1]) };
    const cards = [
      { ...one, utilizationPercent: series([10, 0]) },
      { ...one, utilizationPercent: series([0, 90]) },
      { ...one, treeBytes: series([0]), utilizationPercent: series([99, 99]) },
    ];
    expect(valuesOf(deviceUse({ ...one, devices: cards }).percent)).toEqual([10, 90]);
    expect(deviceUse({ ...one, devices: [one] }).state).toBe('unread');
  });
});

describe('spans and means', () => {
  it('has every reading that holds in exactly one span, whatever the gaps', () => {
    const cell = fc.constantFrom(0, 1, null);
    fc.assert(
      fc.property(fc.array(cell), (cells) => {
        const spans = spansWhere(series(cells), (value) => value === 1);
        const readings = spans.reduce((sum, span) => sum + span.readings, 0);
        expect(readings).toBe(cells.filter((one) => one === 1).length);
        expect(spans.every(({ startMs, endMs }) => startMs <= endMs)).toBe(true);
      }),
    );
  });

  it('weighs a rate by how much of its time lies in the window, and has none for a window half read', () => {
    expect(
      meanRate(
        line(10, (second) => second),
        2000,
        4000,
      ),
    ).toBe(3.5);
    expect(meanRate(series([0, 1]), 0, 3000)).toBeNull();
    expect(meanRate(series([]), 0, 0)).toBeNull();
  });
});
