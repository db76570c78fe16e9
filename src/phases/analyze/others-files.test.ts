import { describe, expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import type { Series } from '../../model/artifacts.ts';
import { event, line, mib, record, sampleTable } from '../../testing/build.ts';
import { manifest } from '../../testing/build-manifest.ts';
import { analyze } from './analyze.ts';

const seconds = 150;
const of = (value: (second: number) => number): Series => line(seconds, (second) => value(second) * mib);
/** A server that takes 300 MiB under load and gives them back, on a host of 8 GiB. */
const healthy = (second: number): number => (second >= 31 && second < 81 ? 400 : 100);

function analyzed(columns: Record<string, Series>, server = healthy): ReturnType<typeof analyze> {
  const stages = [
    ['base', 0, 30_000],
    ['load', 30_000, 90_000],
    ['after', 90_000, 150_000],
  ] as const;
  const samples = sampleTable({
    'tree/tree/rss_anon_bytes': of(server),
    'tree/tree/rss_bytes': of((second) => server(second) + 40),
    'process/front#1/rss_anon_bytes': of(server),
    'host/host/mem_total_bytes': of(() => 8192),
    'host/host/mem_available_bytes': of(() => 6000),
    'target/health/health_ok': line(seconds, () => 1),
    'target/health/health_rtt_ms': line(seconds, () => 3),
    ...columns,
  });
  return analyze(
    {
      manifest: manifest(),
      records: Array.from({ length: 50 }, (_, seq) => record(seq, { plannedMs: 30_000 + seq * 1000 })),
      items: new Map(),
      samples,
      events: [
        event(0, 'run_start'),
        ...stages.flatMap(([stage, startMs, endMs]) => [
          event(startMs, 'stage_start', { stage, subject: stage }),
          event(endMs, 'stage_end', { stage, subject: stage }),
        ]),
        event(150_000, 'run_end'),
      ],
      neighbour: null,
      sources: {},
    },
    detectors,
  );
}

const files = (value: (second: number) => number): Record<string, Series> => ({
  'host//dev/shm/tmpfs_used_bytes': of((second) => 500 + value(second)),
});
/** A group of the target, without a limit of its own, that is charged for so much shared memory. */
const group = (anon: (second: number) => number, shared: (second: number) => number): Record<string, Series> => ({
  'cgroup/v2:/user/non_reclaimable_bytes': of((second) => anon(second) + shared(second)),
  'cgroup/v2:/user/anon_bytes': of(anon),
  'cgroup/v2:/user/shmem_bytes': of((second) => 20 + shared(second)),
});
const climbing = (second: number): number => Math.max(0, 20 * (second - 95));
const never = (): number => 0;

describe('files in memory that may be those of another', () => {
  it.each([
    {
      why: 'another writes 20 MiB a second into tmpfs while nothing is in flight',
      columns: files(climbing),
      is: 'warn',
    },
    {
      why: 'another holds most of the host in tmpfs',
      columns: files((second) => (second > 40 ? 7600 : 0)),
      is: 'warn',
    },
    {
      why: "the target's group, which it shares, is charged for none of it",
      columns: { ...files(climbing), ...group((second) => healthy(second) + 900, never) },
      is: 'ok',
    },
    {
      why: "the target's group, which it shares, is charged for it",
      columns: { ...files(climbing), ...group((second) => healthy(second) + 900, climbing) },
      is: 'warn',
    },
    {
      why: "the target's own group is charged for it, so that it is the target's",
      columns: { ...files(climbing), ...group(healthy, climbing) },
      is: 'fail',
    },
    {
      why: 'the target grows too, whatever others write',
      columns: files(climbing),
      server: (second: number) => healthy(second) + climbing(second),
      is: 'fail',
    },
  ])('$is: $why', ({ columns, server, is }) => {
    const result = analyzed(columns, server);
    expect(result.findings.filter(({ verdict }) => verdict === 'fail').length > 0).toBe(is === 'fail');
    expect(result.verdict).toBe(is);
  });

  it('say so in the finding, with what would tell whose they are, and on the page', () => {
    const result = analyzed(files(climbing));
    const finding = result.findings.find(({ detector }) => detector === 'growth-without-load');
    expect(finding).toMatchObject({ verdict: 'warn', evidence: { holder: 'shared memory' } });
    expect(finding?.summary).toContain("which may be another's: without them it would be ok.");
    expect(finding?.remedy).toContain('Run it again in a cgroup of its own');
    expect(result.memory.parts.find(({ part }) => part === 'tmpfs')).toMatchObject({ mayBeOthers: true });
  });

  it("are the target's without a word where its own group is charged for them", () => {
    const { memory } = analyzed({ ...files(climbing), ...group(healthy, climbing) });
    expect(memory.parts.find(({ part }) => part === 'tmpfs')).not.toHaveProperty('mayBeOthers');
  });
});
