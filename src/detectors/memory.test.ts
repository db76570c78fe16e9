import { describe, expect, it } from 'vitest';
import { context, event, footprint, healthyArtifacts, line, mib, profile, series } from '../testing/build.ts';
import { expectVerdict, held, peakOf, type VerdictRow } from '../testing/judge.ts';
import { lowHeadroom } from './low-headroom.ts';

const guard = { stoppedAtMs: 60_000, reason: 'memory is at 90 %', isTargetLimit: true, wasUnloaded: false };
const answers = { bytesPerAnswer: 61 * mib, answers: 29, mostInFlight: 12, keptRatio: 0.97 };
const stalled = (share: number | null, scope = 'v2:/trial') => ({
  pressure: { ...healthyArtifacts().pressure, memoryFull: line(150, (s) => (s > 50 && s < 70 ? share : 0)), scope },
});

const rows: VerdictRow[] = [
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
    why: 'memory rose on without load, which was not why the guard stopped',
    verdict: 'fail',
    over: held((second) => (second <= 60 ? 100 + 10 * second : 700 + 2 * (second - 60))),
    context: { guard },
    says: /^Memory reached 700 MiB of 1\.00 GiB \(68 %\) at 1:00, so .* Without load it rose on to 878 MiB of 1\.00 GiB \(86 %\) at 2:29\./,
  },
  {
    id: 'low-headroom',
    why: 'nothing had been sent when the guard stopped',
    verdict: 'fail',
    over: peakOf(922),
    context: { guard: { ...guard, wasUnloaded: true } },
    says: /^Before the first request the target already held 922 MiB of 1\.00 GiB \(90 %\), so that nothing was sent\./,
  },
  {
    id: 'low-headroom',
    why: 'most was held before the load',
    verdict: 'warn',
    over: held((second) => (second === 60 ? 850 : 600), { baselineBytes: 600 * mib }),
    says: /\(83 %\) at 1:00\. Before the first request it already held 600 MiB \(59 %\)\. Limit/,
  },
  {
    id: 'low-headroom',
    why: 'memory follows what was answered',
    verdict: 'fail',
    over: { ...peakOf(922), driver: { answers } },
    says: /61\.0 MiB more for each answered request; 12 in flight or none made no difference\.$/,
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
      footprint: footprint(line(150, (s) => (100 + (s > 92 && s < 98 ? 17 * (s - 92) : s >= 98 ? 202 : 0)) * mib, 250)),
    },
    context: { profile: profile({ scale: 0.1 }) },
  },
  {
    id: 'growth-without-load',
    why: 'it grows by 17 MiB/s for 10 s, and is given back once',
    verdict: 'fail',
    over: held((second) => 100 + (second > 110 && second <= 121 ? 17 * (second - 110) : 0)),
  },
  {
    id: 'growth-without-load',
    why: 'it grows by 1.5 MiB/s for longer than garbage would lie about',
    verdict: 'fail',
    over: held((second) => 100 + (second > 92 ? 1.5 * (second - 92) : 0)),
    says: /grows by 1\.5 MiB\/s/,
  },
  {
    id: 'growth-without-load',
    why: 'it grows by 1.5 MiB/s for 20 s, as a heap does between two collections',
    verdict: 'warn',
    over: held((second) => 100 + (second > 130 ? 1.5 * (second - 130) : 0)),
    says: /gained .* MiB in .* which may be garbage/,
  },
  {
    id: 'growth-without-load',
    why: 'a collector runs each 30 s, before and after load',
    verdict: 'ok',
    over: held((second) => (second >= 30 && second < 90 ? 400 : 100 + 2 * ((second + 7) % 30))),
    says: /gave back what it had gained, \d times/,
  },
  {
    id: 'growth-without-load',
    why: 'a collector takes 150 MiB each 20 s',
    verdict: 'ok',
    over: held((second) => (second >= 30 && second < 90 ? 400 : 100 + 7.5 * ((second + 7) % 20))),
  },
  {
    id: 'growth-without-load',
    why: 'it grows beneath the saw of a collector',
    verdict: 'fail',
    over: held((second) => 100 + (second > 92 ? 5 * (second - 92) : 0) + 2 * (second % 10)),
  },
  {
    id: 'growth-without-load',
    why: 'a worker that was started meanwhile loads its weights',
    verdict: 'ok',
    over: {
      ...held((second) => 100 + 10 * Math.max(0, Math.min(second - 110, 15))),
      events: [event(110_000, 'process_start', { subject: 'front#7' })],
    },
    says: /in a process that had just been started\.$/,
  },
  {
    id: 'growth-without-load',
    why: 'a worker that was started grows for longer than it loads',
    verdict: 'fail',
    over: {
      ...held((second) => 100 + (second > 95 ? 10 * (second - 95) : 0)),
      events: [event(95_000, 'process_start', { subject: 'front#7' })],
    },
  },
  {
    id: 'growth-without-load',
    why: 'it fell back twice since it was killed, not since it was collected',
    verdict: 'fail',
    over: {
      ...held((second) => 100 + (second >= 92 ? 10 * ((second - 92) % 20) : 0)),
      events: [event(111_500, 'oom_kill'), event(131_500, 'oom_kill')],
    },
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
];

describe('detectors of memory', () => {
  it.each(rows)('$id is $verdict when $why', expectVerdict);
});

describe('what to do about too little headroom', () => {
  const remedyOf = (over: Parameters<typeof healthyArtifacts>[0], more: Parameters<typeof context>[0] = {}) =>
    lowHeadroom.detect(healthyArtifacts(over), context(more)).remedy;

  it.each([
    { why: 'it follows what is in flight, or nothing is known', over: peakOf(922), remedy: undefined },
    {
      why: 'it follows what was answered',
      over: { ...peakOf(922), driver: { answers } },
      remedy: /kept after a request was answered.* a cap on concurrency will not help\..*: `bench run leak-rounds`\.$/,
    },
    {
      why: 'so it does at a stop of the guard',
      over: { ...peakOf(922), driver: { answers } },
      more: { guard },
      remedy: /a cap on concurrency will not help/,
    },
    {
      why: 'the load did not fill it',
      over: { ...peakOf(922), driver: { answers } },
      more: { guard: { ...guard, wasUnloaded: true } },
      remedy: /^Restart it/,
    },
  ])('where $why', ({ over, more, remedy }) => {
    const told = remedyOf(over, more);
    if (remedy === undefined) {
      expect(told).toBeUndefined();
    } else {
      expect(told).toMatch(remedy);
    }
  });
});
