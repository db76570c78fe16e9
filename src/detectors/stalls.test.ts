import { describe, expect, it } from 'vitest';
import type { Artifacts, Series } from '../model/artifacts.ts';
import type { Detector, Verdict } from '../model/detector.ts';
import type { ProcessCpu } from '../model/server-gauges.ts';
import { context, healthyArtifacts, line, profile, record, series, stageWindowsOf } from '../testing/build.ts';
import { deviceIdleUnderLoad } from './device-idle-under-load.ts';
import { endpointWedge } from './endpoint-wedge.ts';
import { eventLoopStall } from './event-loop-stall.ts';
import { unreadSockets } from './unread-sockets.ts';

interface Row {
  why: string;
  verdict: Verdict;
  over?: Partial<Artifacts>;
  says?: RegExp;
  scale?: number;
}

function expectRow(detector: Detector, { over = {}, verdict, says = /\.$/, scale = 1 }: Row): void {
  const seen = detector.detect(healthyArtifacts(over), context({ profile: profile({ scale }) }));
  expect(seen.verdict, seen.summary).toBe(verdict);
  expect(seen.summary).toMatch(says);
}

const none = series([]);
const during = (fromS: number, toS: number, inside: number | null, outside: number | null): Series =>
  line(150, (second) => (second > fromS && second <= toS ? inside : outside));
const front = (cores: Series, mainThreadCores = cores, over: Partial<ProcessCpu> = {}): ProcessCpu => ({
  instance: 'front#7',
  role: 'front',
  isRoot: true,
  cores,
  mainThreadCores,
  threads: none,
  ...over,
});
const cpuOf = (cores: Series, ...processes: ProcessCpu[]): Pick<Artifacts, 'cpu'> => ({
  cpu: { cores, processes: processes.length > 0 ? processes : [front(cores)] },
});
const silent = (fromS: number, toS: number): Pick<Artifacts, 'health'> => ({
  health: { ok: during(fromS, toS, 0, 1), status: series([]), rttMs: during(fromS, toS, null, 4) },
});
const unread = (fromS: number, toS: number): Pick<Artifacts, 'unreadBytes'> => ({
  unreadBytes: during(fromS, toS, 120_000, 0),
});

const stalled = { ...silent(60, 80), ...unread(60, 80), ...cpuOf(during(60, 80, 1, 0.1)) };

const stallRows: Row[] = [
  { why: 'nothing was read of its CPU and sockets', verdict: 'inconclusive' },
  { why: 'health answers', verdict: 'ok', over: { ...unread(60, 80), ...cpuOf(during(60, 80, 1, 0.1)) } },
  { why: 'all three say so for 20 s', verdict: 'fail', over: stalled, says: /front process.*117\.2 KiB/ },
  {
    why: 'the thread waits and does not spin',
    verdict: 'ok',
    over: { ...stalled, ...cpuOf(during(60, 80, 0.3, 0.1)) },
  },
  { why: 'it reads what it is sent', verdict: 'ok', over: { ...stalled, unreadBytes: line(150, () => 0) } },
  {
    why: 'health is refused with 503 under overload, which takes a turn of the loop',
    verdict: 'ok',
    over: { ...stalled, health: { ok: during(60, 80, 0, 1), status: series([]), rttMs: line(150, () => 5) } },
  },
  {
    why: 'a collection of garbage stops it for 3 s',
    verdict: 'ok',
    over: { ...silent(60, 63), ...unread(60, 63), ...cpuOf(during(60, 63, 1, 0.1)) },
  },
  {
    why: 'only the workers are busy, and the front hangs for another reason',
    verdict: 'ok',
    over: {
      ...stalled,
      ...cpuOf(
        during(60, 80, 4, 0.1),
        front(line(150, () => 0.1)),
        front(during(60, 80, 4, 0.1), during(60, 80, 1, 0.1), { role: 'worker', instance: 'worker#8', isRoot: false }),
      ),
    },
  },
  {
    why: 'every worker of a prefork server is busy',
    verdict: 'fail',
    over: {
      ...stalled,
      ...cpuOf(
        during(60, 80, 1, 0.1),
        front(line(150, () => 0)),
        front(during(60, 80, 1, 0.1), during(60, 80, 1, 0.1), { instance: 'front#8', isRoot: false }),
      ),
    },
  },
  {
    why: 'gaps in its CPU leave enough of the stall',
    verdict: 'fail',
    over: { ...stalled, ...cpuOf(line(150, (s) => (s % 4 === 0 ? null : s > 60 && s <= 80 ? 1 : 0.1))) },
  },
  {
    why: 'its main thread was not read in a short stall, and the process was',
    verdict: 'fail',
    over: { ...stalled, ...cpuOf(during(60, 80, 1, 0.1), front(during(60, 80, 1, 0.1), none)) },
  },
  {
    why: 'a restart, after which the count begins anew',
    verdict: 'ok',
    over: { ...stalled, ...cpuOf(during(60, 80, null, 0.1)) },
  },
  {
    why: 'a silence, in which nobody asks, lies within the stall of a shortened run',
    verdict: 'fail',
    scale: 0.1,
    over: {
      ...stalled,
      health: {
        ok: line(150, (s) => (s > 62 && s <= 78 ? null : s > 60 && s <= 80 ? 0 : 1)),
        status: series([]),
        rttMs: during(60, 80, null, 4),
      },
    },
  },
  { why: 'a health question failed once', verdict: 'ok', over: { ...stalled, ...silent(60, 61) } },
];

const route = (answered: Series, isOnlyClearAtRest = false): Pick<Artifacts, 'lightRoutes'> => ({
  lightRoutes: [{ name: 'the readiness page', answered, isOnlyClearAtRest }],
});

const wedgeRows: Row[] = [
  { why: 'no route beside health is known', verdict: 'not-applicable' },
  { why: 'every question was answered', verdict: 'ok', over: route(line(150, () => 1)) },
  { why: 'it was asked twice', verdict: 'inconclusive', over: route(line(2, () => 1)) },
  { why: 'it hangs for 20 s', verdict: 'fail', over: route(during(60, 80, 0, 1)), says: /did not answer for/ },
  { why: 'health hangs as well', verdict: 'ok', over: { ...route(during(60, 80, 0, 1)), ...silent(60, 80) } },
  {
    why: 'one health question of the hang failed',
    verdict: 'ok',
    over: { ...route(during(60, 80, 0, 1)), ...silent(70, 71) },
  },
  { why: 'it hangs for 4 s', verdict: 'ok', over: route(during(60, 64, 0, 1)) },
  {
    why: 'the metrics page is refused under load, which looks the same',
    verdict: 'ok',
    over: route(during(40, 88, 0, 1), true),
  },
  { why: 'the metrics page is still dead at rest', verdict: 'fail', over: route(during(60, 140, 0, 1), true) },
  {
    why: 'gaps lie in the hang',
    verdict: 'fail',
    over: route(line(150, (s) => (s % 3 === 0 ? null : s > 60 && s < 90 ? 0 : 1))),
  },
  { why: 'nobody asks in a silence', verdict: 'ok', over: route(during(90, 150, null, 1)) },
];

/** One request each 5 s, answered after 4 s; and three from 59 s on that nobody answers. */
const waitingRecords = [
  ...Array.from({ length: 4 }, (_, seq) => record(seq, { plannedMs: 30_000 + seq * 5000, endMs: 34_000 + seq * 5000 })),
  ...[10, 11, 12].map((seq) => record(seq, { plannedMs: 59_000, endMs: 89_000, outcome: 'timeout', status: null })),
];
const waiting = {
  records: waitingRecords,
  inFlight: { tMs: Float64Array.of(0, 30_000, 55_000, 59_000, 89_000), values: Float64Array.of(0, 1, 0, 3, 0) },
};
const stuck = { ...waiting, ...unread(60, 80), ...cpuOf(line(150, () => 0.03)) };
const percent = (fromS: number, toS: number): Pick<Artifacts, 'deviceUse'> => ({
  deviceUse: { state: 'read', percent: during(fromS, toS, 0, 60) },
});

const unreadRows: Row[] = [
  { why: 'the sockets were not read', verdict: 'inconclusive' },
  { why: 'bytes wait for 20 s and nothing works', verdict: 'fail', over: stuck, says: /117.2 KiB/ },
  { why: 'nothing was ever answered: it may still load', verdict: 'inconclusive', over: { ...stuck, records: [] } },
  {
    why: 'its CPU works',
    verdict: 'ok',
    over: { ...stuck, ...cpuOf(line(150, () => 0.8)) },
    says: /while the server worked/,
  },
  { why: 'its device works', verdict: 'ok', over: { ...stuck, ...percent(0, 10) } },
  { why: 'its device idles too', verdict: 'fail', over: { ...stuck, ...percent(40, 120) } },
  {
    why: 'nobody knows what its device does',
    verdict: 'inconclusive',
    over: { ...stuck, deviceUse: { state: 'unread', percent: none } },
  },
  {
    why: 'it answers slowly: backpressure is no hang',
    verdict: 'ok',
    over: { ...stuck, records: [...waitingRecords, record(20, { plannedMs: 60_000, endMs: 70_000 })] },
  },
  {
    why: 'it refuses: 503 under overload',
    verdict: 'ok',
    over: { ...stuck, records: [...waitingRecords, record(20, { endMs: 70_000, outcome: 'http_error', status: 503 })] },
  },
  { why: 'they wait for 5 s', verdict: 'ok', over: { ...stuck, ...unread(60, 65) } },
  {
    why: 'a client left its bytes behind, with nothing in flight',
    verdict: 'ok',
    over: { ...stuck, ...unread(100, 140) },
  },
  { why: 'its CPU was not read in that time', verdict: 'ok', over: { ...stuck, ...cpuOf(during(55, 85, null, 0.03)) } },
  {
    why: 'it is a warm-up',
    verdict: 'ok',
    over: {
      ...stuck,
      stages: stageWindowsOf([
        ['base', 'idle', 30],
        ['warm', 'warmup', 60],
        ['after', 'lull', 60],
      ]),
    },
  },
];

const idle = { ...waiting, ...percent(58, 88) };
const idleRows: Row[] = [
  { why: 'it has no device', verdict: 'not-applicable' },
  { why: 'its use was not read', verdict: 'inconclusive', over: { deviceUse: { state: 'unread', percent: none } } },
  { why: 'it idles for 30 s while three wait and time out', verdict: 'fail', over: idle, says: /3 of them timed out/ },
  {
    why: 'it was never used: the work is elsewhere',
    verdict: 'not-applicable',
    over: { ...idle, ...percent(-1, 150) },
  },
  { why: 'the three are answered late', verdict: 'ok', over: { ...idle, records: waitingRecords.slice(0, 4) } },
  { why: 'it idles between requests', verdict: 'ok', over: { ...waiting, ...percent(90, 150) } },
  {
    why: 'it was read twice',
    verdict: 'inconclusive',
    over: { ...idle, deviceUse: { state: 'read', percent: line(2, () => 50) } },
  },
  {
    why: 'its work comes in bursts of 2 s',
    verdict: 'ok',
    over: { ...waiting, deviceUse: { state: 'read', percent: line(150, (s) => (s % 4 < 2 ? 0 : 90)) } },
  },
];

describe('a server that does nothing, or nothing but spin', () => {
  it.each(stallRows)('event-loop-stall is $verdict when $why', (row) => expectRow(eventLoopStall, row));
  it.each(wedgeRows)('endpoint-wedge is $verdict when $why', (row) => expectRow(endpointWedge, row));
  it.each(unreadRows)('unread-sockets is $verdict when $why', (row) => expectRow(unreadSockets, row));
  it.each(idleRows)('device-idle-under-load is $verdict when $why', (row) => expectRow(deviceIdleUnderLoad, row));
});
