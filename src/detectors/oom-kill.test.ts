import { describe, it } from 'vitest';
import { kills } from '../computed/kills.ts';
import type { ProcessLife } from '../model/artifacts.ts';
import { event, killsOf, sampleTable, series } from '../testing/build.ts';
import { expectVerdict, peakOf, type VerdictRow } from '../testing/judge.ts';

const life = (instance: string, goneMs: number | null): ProcessLife => ({
  instance,
  role: instance.split('#')[0] ?? '',
  pid: Number(instance.split('#')[1]),
  isRoot: false,
  firstMs: 0,
  lastMs: goneMs ?? 150_000,
  goneMs,
});

/** What the probe writes and analysis reads back, so that both agree on the row's form. */
const ofRow = kills(sampleTable({ 'cgroup/v1:/trial/oom_kills': series([0, 1], 60_000) }), [
  event(60_000, 'oom_kill', {
    subject: 'v1:/trial',
    detail:
      '1 more, 1 in all; limit_failures +125; peak 1073741824 of 1073741824 bytes (100 %); kernel log: killed ref-cold#9 with 7 bytes anonymous at the limit of /trial; vanished in the same interval: ref-cold#9, ref-cold#8',
  }),
]);
const atHost = { hostKills: 1, firstMs: 60_000, hostKillTimesMs: [60_000] };

const rows: VerdictRow[] = [
  { id: 'oom-kill', why: 'no counter rose', verdict: 'ok' },
  {
    id: 'oom-kill',
    why: "the group's counter rose",
    verdict: 'fail',
    over: {
      kills: killsOf({ cgroupKills: 1, hostKills: 1, firstMs: 60_000 }),
      processes: [life('ref-cold#7', 60_200)],
    },
    says: /killed one process at 1:00: .*The ref-cold process ended with it\. Limit: cgroup v1 \/trial\./,
  },
  {
    id: 'oom-kill',
    why: 'a row of evidence is there, and its pid is named among those that went',
    verdict: 'fail',
    over: {
      ...('unavailable' in ofRow ? {} : { kills: ofRow }),
      processes: [life('ref-cold#8', 60_000), life('ref-cold#9', 60_000)],
    },
    says: /Seen: 1 more, 1 in all; limit_failures \+125;.*kernel log: killed ref-cold#9.*; ref-cold#9 ended at 1:00\./,
  },
  {
    id: 'oom-kill',
    why: 'the host killed at the time of a death near the limit',
    verdict: 'fail',
    over: { kills: killsOf(atHost), processes: [life('front#7', 60_000)], ...peakOf(1000) },
    says: /Probably.*the host's counter of kills rose with it; memory stood at 1000 MiB/,
  },
  {
    id: 'oom-kill',
    why: 'the host had nothing left, however small the target was',
    verdict: 'fail',
    over: { kills: killsOf({ ...atHost, availableRatio: 0.03 }), processes: [life('front#7', 60_000)] },
    says: /Probably.*3\.0 % of the host was available/,
  },
  {
    id: 'oom-kill',
    why: 'the host killed ten seconds before a death near the limit, so somebody else',
    verdict: 'ok',
    over: {
      kills: killsOf({ ...atHost, cgroupKills: 0, hostKillTimesMs: [50_000] }),
      processes: [life('front#7', 60_000)],
      ...peakOf(1000),
    },
    says: /one process killed meanwhile, none of them this target's.*not for memory.*counter of kills stood still/,
  },
  {
    id: 'oom-kill',
    why: 'the host killed somebody else, far from the limit',
    verdict: 'ok',
    over: { kills: killsOf({ cgroupKills: 0, hostKills: 2, firstMs: 60_000, hostKillTimesMs: [60_000] }) },
    says: /2 processes killed meanwhile, none of them this target's/,
  },
  {
    id: 'oom-kill',
    why: 'a death under load at the limit with no counter is only a suspicion',
    verdict: 'warn',
    over: { kills: killsOf(), processes: [life('front#7', 60_000)], ...peakOf(1000) },
    says: /Perhaps/,
  },
  {
    id: 'oom-kill',
    why: 'a death under load at the limit came before the last reading of a counter that stood still',
    verdict: 'ok',
    over: {
      kills: killsOf({ cgroupKills: 0, countedUntilMs: 60_000 }),
      processes: [life('front#7', 60_000)],
      ...peakOf(1000),
    },
    says: /not for memory.*counter of kills stood still/,
  },
  {
    id: 'oom-kill',
    why: 'a death under load at the limit came after the last reading of the counter',
    verdict: 'warn',
    over: {
      kills: killsOf({ cgroupKills: 0, countedUntilMs: 58_000 }),
      processes: [life('front#7', 60_000)],
      ...peakOf(1000),
    },
    says: /Perhaps/,
  },
  {
    id: 'oom-kill',
    why: 'a death at the limit without work in flight is no suspicion',
    verdict: 'ok',
    over: { kills: killsOf(), processes: [life('front#7', 20_000)], ...peakOf(1000) },
  },
  {
    id: 'oom-kill',
    why: 'a death under load far from the limit has another cause',
    verdict: 'ok',
    over: { kills: killsOf(), processes: [life('front#7', 60_000)] },
    says: /front process ended at 1:00 with work in flight, but not for memory.*400 MiB of 1.00 GiB just before/,
  },
  {
    id: 'oom-kill',
    why: 'the run came near the limit long before a death under load that did not',
    verdict: 'ok',
    over: { kills: killsOf(), processes: [life('front#7', 75_000)], ...peakOf(1000) },
    says: /not for memory.*100 MiB of 1.00 GiB just before/,
  },
];

describe('oom-kill', () => {
  it.each(rows)('is $verdict when $why', expectVerdict);
});
