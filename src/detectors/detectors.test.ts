import { describe, expect, it } from 'vitest';
import type { Artifacts, ProcessLife } from '../model/artifacts.ts';
import type { DetectorContext, Observation, Verdict } from '../model/detector.ts';
import { context, event, footprint, healthyArtifacts, line, mib, profile, record, series } from '../testing/build.ts';
import { detectors } from './index.ts';

function judge(id: string, over: Partial<Artifacts> = {}, with_: Partial<DetectorContext> = {}): Observation {
  const detector = detectors.find((candidate) => candidate.id === id);
  if (detector === undefined) {
    throw new Error(`no detector ${id}`);
  }
  return detector.detect(healthyArtifacts(over), context(with_));
}

interface Row {
  id: string;
  why: string;
  verdict: Verdict;
  over?: Partial<Artifacts>;
  context?: Partial<DetectorContext>;
  says?: RegExp;
}

const life = (instance: string, goneMs: number | null, isRoot = false): ProcessLife => ({
  instance,
  role: instance.split('#')[0] ?? '',
  pid: 1,
  isRoot,
  firstMs: 0,
  lastMs: goneMs ?? 150_000,
  goneMs,
});
const held = (value: (second: number) => number | null, over: Partial<Artifacts['footprint']> = {}) => ({
  footprint: footprint(
    line(150, (second) => {
      const mebibytes = value(second);
      return mebibytes === null ? null : mebibytes * mib;
    }),
    over,
  ),
});
const peakOf = (mebibytes: number) => held((second) => (second === 60 ? mebibytes : 100));
const guard = { stoppedAtMs: 60_000, reason: 'memory is at 90 %', isTargetLimit: true };
const stalled = (share: number | null, scope = 'v2:/trial') => ({
  pressure: { ...healthyArtifacts().pressure, memoryFull: line(150, (s) => (s > 50 && s < 70 ? share : 0)), scope },
});
const answer = (seq: number, itemId: string, answerDigest: string) =>
  record(seq, { itemId, answerDigest, check: 'consistency' });
const answers = (of: string) => of.split(' ').map((pair, seq) => answer(seq, pair[0] ?? '', pair.slice(1)));

const rows: Row[] = [
  { id: 'oom-kill', why: 'no counter rose', verdict: 'ok' },
  {
    id: 'oom-kill',
    why: "the group's counter rose",
    verdict: 'fail',
    over: { kills: { cgroupKills: 1, hostKills: 1, firstMs: 60_000 }, processes: [life('ref-cold#7', 60_200)] },
    says: /killed one process in cgroup v1 \/trial at 1:00.*The ref-cold process ended with it/,
  },
  {
    id: 'oom-kill',
    why: 'the host killed at the time of a death near the limit',
    verdict: 'fail',
    over: {
      kills: { cgroupKills: null, hostKills: 1, firstMs: 60_000 },
      processes: [life('front#7', 60_000)],
      ...peakOf(1000),
    },
    says: /Probably/,
  },
  {
    id: 'oom-kill',
    why: 'the host killed somebody else, far from the limit',
    verdict: 'ok',
    over: { kills: { cgroupKills: 0, hostKills: 2, firstMs: 60_000 } },
    says: /2 processes elsewhere/,
  },
  {
    id: 'oom-kill',
    why: 'a death under load at the limit with no counter is only a suspicion',
    verdict: 'warn',
    over: {
      kills: { cgroupKills: null, hostKills: null, firstMs: null },
      processes: [life('front#7', 60_000)],
      ...peakOf(1000),
    },
  },
  {
    id: 'oom-kill',
    why: 'a death under load far from the limit has another cause',
    verdict: 'ok',
    over: { kills: { cgroupKills: null, hostKills: null, firstMs: null }, processes: [life('front#7', 60_000)] },
  },

  { id: 'process-restart', why: 'nobody ended', verdict: 'ok' },
  {
    id: 'process-restart',
    why: 'an idle worker expired while another one worked',
    verdict: 'ok',
    over: { processes: [life('ref-cold#7', 60_000)] },
    says: /1 ended without costing an answer/,
  },
  {
    id: 'process-restart',
    why: 'a worker ended and its request broke',
    verdict: 'fail',
    over: { processes: [life('ref-cold#7', 60_000)], records: [record(1, { endMs: 59_500, outcome: 'reset' })] },
  },
  {
    id: 'process-restart',
    why: 'the root ended, even without load',
    verdict: 'fail',
    over: { processes: [life('front#7', 140_000, true)] },
    says: /The target itself/,
  },
  {
    id: 'process-restart',
    why: 'the kernel killed it, which oom-kill tells',
    verdict: 'ok',
    over: { processes: [life('front#7', 60_000, true)], events: [event(60_500, 'oom_kill')] },
  },
  {
    id: 'process-restart',
    why: 'nothing listens any more',
    verdict: 'fail',
    over: { events: [event(9, 'target_gone')] },
  },

  { id: 'low-headroom', why: 'the peak is 39 %', verdict: 'ok' },
  { id: 'low-headroom', why: 'just under the warning', verdict: 'ok', over: peakOf(819) },
  { id: 'low-headroom', why: 'at 80 %', verdict: 'warn', over: peakOf(820) },
  { id: 'low-headroom', why: 'at 90 %', verdict: 'fail', over: peakOf(922), says: /90 %.*held by front/ },
  {
    id: 'low-headroom',
    why: "the guard stopped at the target's limit",
    verdict: 'fail',
    over: held((second) => 100 + 10 * Math.min(second, 60)),
    context: { guard },
    says: /the guard ended the load at 1:00\. At its pace the limit was 32\.4 s away/,
  },
  {
    id: 'low-headroom',
    why: 'the guard stopped for the host',
    verdict: 'ok',
    context: { guard: { ...guard, isTargetLimit: false } },
  },
  {
    id: 'low-headroom',
    why: 'a kill means that the limit was reached, whatever samples saw',
    verdict: 'fail',
    over: { events: [event(60_000, 'oom_kill')] },
  },
  {
    id: 'low-headroom',
    why: 'gaps at the peak change nothing',
    verdict: 'ok',
    over: held((s) => (s % 3 ? 400 : null)),
  },

  { id: 'growth-without-load', why: 'memory rests', verdict: 'ok' },
  {
    id: 'growth-without-load',
    why: 'it grows by 19 MiB/s in the lull',
    verdict: 'fail',
    over: held((second) => 100 + (second > 110 ? 19.2 * (second - 110) : 0)),
    says: /^The front process grows by 19\.2 MiB\/s with nothing in flight/,
  },
  {
    id: 'growth-without-load',
    why: 'half of the threshold is not enough',
    verdict: 'ok',
    over: held((second) => 100 + (second > 92 ? 0.5 * (second - 92) : 0)),
  },
  {
    id: 'growth-without-load',
    why: 'one step of 200 MiB is something that loads',
    verdict: 'ok',
    over: held((second) => (second > 110 ? 300 : 100)),
  },
  {
    id: 'growth-without-load',
    why: 'it falls slowly after load',
    verdict: 'ok',
    over: held((second) => (second > 90 ? 400 - 5 * Math.min(second - 90, 40) : 400)),
  },
  {
    id: 'growth-without-load',
    why: 'it grows only while requests are in flight',
    verdict: 'ok',
    over: held((second) => 100 + 5 * Math.max(0, Math.min(second, 89) - 30)),
  },
  {
    id: 'growth-without-load',
    why: 'gaps leave too few samples',
    verdict: 'inconclusive',
    over: held((second) => (second % 5 === 0 ? 100 : null)),
  },
  {
    id: 'growth-without-load',
    why: 'something is always in flight',
    verdict: 'not-applicable',
    over: { inFlight: series([1]) },
  },
  {
    id: 'growth-without-load',
    why: 'a shortened profile looks at windows of 3 s',
    verdict: 'fail',
    over: {
      footprint: footprint(line(150, (s) => (100 + (s > 92 && s < 98 ? 5 * (s - 92) : s >= 98 ? 30 : 0)) * mib, 250)),
    },
    context: { profile: profile({ scale: 0.1 }) },
  },

  { id: 'retained-memory', why: 'it fell back', verdict: 'ok' },
  {
    id: 'retained-memory',
    why: '290 of 300 MiB stay',
    verdict: 'warn',
    over: held((second) => (second > 30 ? 400 : 100), { floorBytes: 390 * mib }),
    says: /290 MiB of the 300 MiB/,
  },
  {
    id: 'retained-memory',
    why: 'exactly half is not more than half',
    verdict: 'ok',
    over: held((second) => (second > 30 ? 400 : 100), { floorBytes: 250 * mib }),
  },
  {
    id: 'retained-memory',
    why: 'the load added less than 64 MiB',
    verdict: 'not-applicable',
    over: held((second) => (second > 30 ? 150 : 100), { floorBytes: 150 * mib }),
  },
  {
    id: 'retained-memory',
    why: 'there was no quiet stage',
    verdict: 'not-applicable',
    over: held(() => 400, { floorBytes: null }),
  },

  { id: 'memory-stall', why: 'nothing stalls', verdict: 'ok' },
  { id: 'memory-stall', why: 'exactly 10 %', verdict: 'ok', over: stalled(0.1) },
  { id: 'memory-stall', why: '20 %', verdict: 'warn', over: stalled(0.2), says: /v2:\/trial.*39 % of its limit/ },
  { id: 'memory-stall', why: 'half of the time', verdict: 'fail', over: stalled(0.5) },
  { id: 'memory-stall', why: 'the host stalls far from the limit', verdict: 'warn', over: stalled(0.5, 'host') },
  {
    id: 'memory-stall',
    why: 'nothing was measured',
    verdict: 'inconclusive',
    over: { pressure: { ...healthyArtifacts().pressure, memoryFull: line(150, () => null) } },
  },
  { id: 'memory-stall', why: 'gaps are no stall', verdict: 'ok', over: stalled(null) },

  { id: 'probe-failure', why: 'every answer took 4 ms', verdict: 'ok' },
  {
    id: 'probe-failure',
    why: 'it did not answer for 10 s',
    verdict: 'fail',
    over: {
      health: {
        rttMs: line(150, (s) => (s > 60 && s <= 70 ? null : 4)),
        ok: line(150, (s) => (s > 60 && s <= 70 ? 0 : 1)),
      },
    },
    says: /10 of 150.*first at 1:01/,
  },
  {
    id: 'probe-failure',
    why: 'one slow answer of 150 is under the 99th percentile',
    verdict: 'ok',
    over: { health: { rttMs: line(150, (s) => (s === 60 ? 1500 : 4)), ok: line(150, () => 1) } },
  },
  {
    id: 'probe-failure',
    why: 'one of only 40 is a warning',
    verdict: 'warn',
    over: { health: { rttMs: line(40, (s) => (s === 10 ? 1500 : 4)), ok: line(40, () => 1) } },
  },
  {
    id: 'probe-failure',
    why: 'two slow ones of 40',
    verdict: 'fail',
    over: { health: { rttMs: line(40, (s) => (s > 37 ? 1500 : 4)), ok: line(40, () => 1) } },
  },
  {
    id: 'probe-failure',
    why: 'a silence is not asked, so it cannot fail',
    verdict: 'ok',
    over: { health: { rttMs: line(150, (s) => (s > 90 ? null : 4)), ok: line(150, (s) => (s > 90 ? null : 1)) } },
  },
  {
    id: 'probe-failure',
    why: 'it was never asked',
    verdict: 'inconclusive',
    over: { health: { rttMs: series([]), ok: series([]) } },
  },

  { id: 'masked-failure', why: 'every reply passed its check', verdict: 'ok' },
  {
    id: 'masked-failure',
    why: 'two replies were empty',
    verdict: 'fail',
    over: {
      records: [1, 2, 3].map((seq) =>
        record(seq, seq === 3 ? {} : { outcome: 'semantic_error', errorCode: 'empty_answer' }),
      ),
    },
    says: /2 of 3.*2 x empty_answer/,
  },
  {
    id: 'masked-failure',
    why: 'one reply is the answer that only another clip has',
    verdict: 'fail',
    over: { records: answers('a1 a1 a1 a1 b2 b2 b2 a2') },
    says: /1 x answer of another item/,
  },
  {
    id: 'masked-failure',
    why: 'one constant text for everything accuses nobody',
    verdict: 'ok',
    over: { records: answers('a1 a1 a1 b1 b1 b1 c1 c1') },
  },
  {
    id: 'masked-failure',
    why: 'two clips that share an answer own it both',
    verdict: 'ok',
    over: { records: answers('a1 a1 a1 b1 b1 b1 c3 c3 c3 c1') },
  },
  {
    id: 'masked-failure',
    why: 'a recogniser that is not deterministic is no failure',
    verdict: 'ok',
    over: { records: answers('a1 a2 a3 a1 b4 b5 b6 b4') },
  },
  {
    id: 'masked-failure',
    why: 'no reply could be checked',
    verdict: 'inconclusive',
    over: { records: [record(1, { check: 'none' })] },
  },
  {
    id: 'masked-failure',
    why: 'nothing was answered',
    verdict: 'inconclusive',
    over: { records: [record(1, { outcome: 'timeout' })] },
  },
];

describe('detectors', () => {
  it.each(rows)('$id is $verdict when $why', ({ id, verdict, over, context: with_, says }) => {
    const observation = judge(id, over, with_);
    expect(observation.verdict, observation.summary).toBe(verdict);
    expect(observation.summary).toMatch(says ?? /\.$/);
  });

  it('finds no fault in a healthy run', () => {
    const verdicts = detectors.map((detector) => detector.detect(healthyArtifacts(), context()).verdict);
    expect(verdicts).toEqual(detectors.map(() => 'ok'));
  });

  it('has one detector for each id', () => {
    expect(new Set(detectors.map((detector) => detector.id)).size).toBe(detectors.length);
  });
});
