import { describe, expect, it } from 'vitest';
import type { Artifacts, ProcessLife, Series } from '../model/artifacts.ts';
import type { Detector, Verdict } from '../model/detector.ts';
import type { RequestRecord } from '../model/record.ts';
import type { ServerGauges } from '../model/server-gauges.ts';
import { context, event, healthyArtifacts, line, profile, record, series, stageWindowsOf } from '../testing/build.ts';
import { queueGaugeExcess } from './queue-gauge-excess.ts';
import { spawnWithoutWork } from './spawn-without-work.ts';
import { zombieWork } from './zombie-work.ts';

interface Row {
  why: string;
  verdict: Verdict;
  over?: Partial<Artifacts>;
  says?: RegExp;
}

function expectRow(detector: Detector, { over = {}, verdict, says = /\.$/ }: Row): void {
  const seen = detector.detect(healthyArtifacts(over), context({ profile: profile() }));
  expect(seen.verdict, seen.summary).toBe(verdict);
  expect(seen.summary).toMatch(says);
}

const none = series([]);
const during = (fromS: number, toS: number, inside: number | null, outside: number | null): Series =>
  line(150, (second) => (second > fromS && second <= toS ? inside : outside));
const gauges = (over: Partial<ServerGauges>): Pick<Artifacts, 'gauges'> => ({
  gauges: { queues: [], work: [], abandoned: [], descriptorRefusals: [], ...over },
});
const depth = (told: Series): Pick<Artifacts, 'gauges'> =>
  gauges({ queues: [{ name: 'uttera_stt_work_queue_depth', counts: 'requests', series: told }] });
const audio = (told: Series): Pick<Artifacts, 'gauges'> =>
  gauges({ queues: [{ name: 'uttera_stt_work_queue_audio_seconds', counts: 'audioSeconds', series: told }] });
const depthAndAudio = (told: Series): Pick<Artifacts, 'gauges'> =>
  gauges({
    queues: [
      { name: 'uttera_stt_work_queue_depth', counts: 'requests', series: line(150, () => 0) },
      { name: 'uttera_stt_work_queue_audio_seconds', counts: 'audioSeconds', series: told },
    ],
  });
const itemsOf = (records: readonly RequestRecord[], audioSeconds: number): Artifacts['items'] =>
  new Map(records.map(({ itemId }) => [itemId, { bytes: 1000, audioSeconds, pixels: null }]));

/** Four at once for 60 s. */
const four = [0, 1, 2, 3].map((seq) => record(seq, { plannedMs: 30_000, endMs: 88_000 }));
const left = [0, 1, 2, 3].map((seq) =>
  record(seq, { plannedMs: 30_000, endMs: 60_000, outcome: 'timeout', status: null }),
);

const queueRows: Row[] = [
  { why: 'it tells of no queue', verdict: 'not-applicable' },
  {
    why: 'nothing is known of the requests',
    verdict: 'not-applicable',
    over: { ...depth(line(150, () => 9)), records: [] },
  },
  { why: 'it was read twice', verdict: 'inconclusive', over: depth(line(2, () => 0)) },
  { why: 'three of four wait', verdict: 'ok', over: { ...depth(during(30, 88, 3, 0)), records: four } },
  {
    why: 'it counts one more, by a step of its own',
    verdict: 'ok',
    over: { ...depth(during(30, 88, 5, 0)), records: four },
  },
  {
    why: 'it counts six more',
    verdict: 'fail',
    over: { ...depth(during(50, 80, 10, 0)), records: four },
    says: /counted 10 requests.*at most 4/,
  },
  { why: 'it shows six more in two readings', verdict: 'ok', over: { ...depth(during(50, 52, 10, 0)), records: four } },
  {
    why: 'gaps lie between',
    verdict: 'fail',
    over: { ...depth(line(150, (s) => (s % 3 === 0 ? null : s > 50 && s < 80 ? 10 : 0))), records: four },
  },
  {
    why: 'its page is a little late after the last answer',
    verdict: 'ok',
    over: { ...depth(during(30, 90, 4, 0)), records: four },
  },
  {
    why: 'its queue still has what timed out: a cost of overload',
    verdict: 'ok',
    over: { ...depth(during(30, 120, 4, 0)), records: left },
  },
  {
    why: 'it was seen empty after that, and then counts six',
    verdict: 'fail',
    over: { ...depth(line(150, (s) => (s > 30 && s < 62 ? 4 : s > 100 ? 6 : 0))), records: left },
  },
  {
    why: "another client's work was there before",
    verdict: 'ok',
    over: { ...depth(line(150, (s) => (s > 30 && s < 88 ? 13 : 9))), records: four },
  },
  {
    why: 'it counts two clips of audio too many',
    verdict: 'fail',
    over: { ...audio(during(50, 80, 1900, 0)), records: four, items: itemsOf(four, 300) },
    says: /1900 s of audio.*at most 1200/,
  },
  {
    why: 'audio waits beside an empty queue, which it never did while the server worked before',
    verdict: 'fail',
    over: { ...depthAndAudio(during(100, 110, 138, 0)), records: four, items: itemsOf(four, 300) },
    says: /138 s of waiting audio beside an empty queue from 1:41/,
  },
  {
    why: 'its audio counts what it works on, as it always did',
    verdict: 'ok',
    over: { ...depthAndAudio(during(30, 88, 138, 0)), records: four, items: itemsOf(four, 300) },
  },
  {
    why: 'it counts half a clip too many',
    verdict: 'ok',
    over: { ...audio(during(50, 80, 1350, 0)), records: four, items: itemsOf(four, 300) },
  },
  {
    why: 'how long the clips are is not known',
    verdict: 'inconclusive',
    over: { ...audio(during(50, 80, 1900, 0)), records: four },
  },
];

const life = (
  pid: number,
  firstS: number,
  goneS: number | null = null,
  over: Partial<ProcessLife> = {},
): ProcessLife => ({
  instance: `cold#${pid}`,
  role: 'cold',
  pid,
  isRoot: false,
  firstMs: firstS * 1000,
  lastMs: 150_000,
  goneMs: goneS === null ? null : goneS * 1000,
  ...over,
});
const started = (...lives: ProcessLife[]): Pick<Artifacts, 'processes'> => ({
  processes: [life(1, 0.2, null, { role: 'front', isRoot: true }), ...lives],
});
const empty = { ...depth(line(150, () => 0)), records: four };

const spawnRows: Row[] = [
  { why: 'it tells of no queue', verdict: 'not-applicable', over: started(life(2, 100), life(3, 101)) },
  {
    why: 'two start at rest with an empty queue',
    verdict: 'fail',
    over: { ...empty, ...started(life(2, 100), life(3, 101)) },
    says: /2 processes \(cold\)/,
  },
  { why: 'one starts', verdict: 'ok', over: { ...empty, ...started(life(2, 100)) } },
  { why: 'they start under load', verdict: 'ok', over: { ...empty, ...started(life(2, 40), life(3, 60)) } },
  {
    why: 'they are seen just after the last answer',
    verdict: 'ok',
    over: { ...empty, ...started(life(2, 89), life(3, 91)) },
  },
  { why: 'they start before any load', verdict: 'ok', over: { ...empty, ...started(life(2, 10), life(3, 20)) } },
  {
    why: 'each takes the place of one that ended',
    verdict: 'ok',
    over: { ...empty, ...started(life(2, 0.2, 99), life(3, 100), life(4, 0.2, 119), life(5, 120)) },
  },
  {
    why: 'the queue was not empty',
    verdict: 'ok',
    over: { ...empty, ...depth(during(30, 110, 2, 0)), ...started(life(2, 100), life(3, 101)) },
  },
  {
    why: 'the server was started anew',
    verdict: 'ok',
    over: { ...empty, events: [event(100_000, 'restart')], ...started(life(2, 100), life(3, 101)) },
  },
  {
    why: 'tasks wait on our board that it has not fetched yet',
    verdict: 'ok',
    over: {
      ...empty,
      records: [record(0, { plannedMs: 30_000, startMs: 140_000, endMs: 145_000 })],
      ...started(life(2, 100), life(3, 101)),
    },
  },
  {
    why: 'a client left, and the queue was not read since',
    verdict: 'ok',
    over: { ...depth(during(50, 150, null, 0)), records: left, ...started(life(2, 100), life(3, 101)) },
  },
  {
    why: 'a client left and the queue was not read since, but a worker has gone for want of work',
    verdict: 'fail',
    over: {
      ...depth(during(50, 150, null, 0)),
      records: left,
      ...started(life(2, 0.2, 80), life(3, 100), life(4, 101)),
    },
  },
];

const cpuOf = (cores: Series, threads = none): Pick<Artifacts, 'cpu'> => ({
  cpu: {
    cores,
    processes: [{ instance: 'front#7', role: 'front', isRoot: true, cores, mainThreadCores: none, threads }],
  },
});
const work = (told: Series): Pick<Artifacts, 'gauges'> =>
  gauges({ work: [{ name: 'vllm:num_requests_running', series: told }] });
const zombies = (told: Series): Pick<Artifacts, 'gauges'> =>
  gauges({ abandoned: [{ name: 'headroom_infer_zombies', series: told }] });
const calm = cpuOf(line(150, (s) => (s > 30 && s <= 90 ? 2 : 0.03)));

const zombieRows: Row[] = [
  { why: 'the CPU was not read', verdict: 'inconclusive' },
  { why: 'it rests after its last answer', verdict: 'ok', over: calm },
  {
    why: 'a core works on for 30 s',
    verdict: 'fail',
    over: cpuOf(line(150, (s) => (s > 30 && s <= 122 ? 1 : 0.03))),
    says: /the front process kept 1\.00/,
  },
  {
    why: 'it finishes what it had for 4 s',
    verdict: 'ok',
    over: cpuOf(line(150, (s) => (s > 30 && s <= 94 ? 1 : 0.03))),
  },
  {
    why: 'a collector works 200 ms of each 2 s',
    verdict: 'ok',
    over: cpuOf(line(150, (s) => (s % 10 === 0 ? 1 : 0.03))),
  },
  { why: 'it was as busy before the load', verdict: 'ok', over: cpuOf(line(150, () => 0.8)) },
  {
    why: 'a worker that was started late still loads',
    verdict: 'ok',
    over: { ...cpuOf(line(150, (s) => (s > 30 && s <= 108 ? 1 : 0.03))), ...started(life(2, 88)) },
  },
  {
    why: 'its count of work stays at 2',
    verdict: 'fail',
    over: { ...calm, ...work(during(30, 150, 2, 0)) },
    says: /up to 2 pieces of work with nothing in flight/,
  },
  { why: 'its count of work falls with the load', verdict: 'ok', over: { ...calm, ...work(during(30, 92, 2, 0)) } },
  {
    why: "another client's work was there all the time",
    verdict: 'ok',
    over: { ...calm, ...work(line(150, () => 2)) },
  },
  {
    why: 'it says that nobody waits for some of it',
    verdict: 'fail',
    over: { ...calm, ...zombies(during(50, 60, 8, 0)) },
    says: /nobody waits for/,
  },
  {
    why: 'cancelled work is seen once or twice',
    verdict: 'ok',
    over: { ...calm, ...zombies(line(150, (s) => (s === 50 || s === 70 ? 1 : 0))) },
  },
  {
    why: '200 threads stay',
    verdict: 'warn',
    over: cpuOf(
      line(150, () => 0.03),
      line(150, (s) => (s > 30 ? 212 : 12)),
    ),
  },
  {
    why: 'a pool keeps 40 idle threads',
    verdict: 'ok',
    over: cpuOf(
      line(150, () => 0.03),
      line(150, (s) => (s > 30 ? 52 : 12)),
    ),
  },
  {
    why: 'there is no time after load',
    verdict: 'not-applicable',
    over: {
      ...calm,
      stages: stageWindowsOf([
        ['base', 'idle', 30],
        ['load', 'load', 120],
      ]),
    },
  },
  {
    why: 'gaps and a restart lie in it',
    verdict: 'ok',
    over: cpuOf(line(150, (s) => (s % 3 === 0 ? null : s > 30 && s <= 90 ? 2 : 0.03))),
  },
];

describe('accounts that do not add up', () => {
  it.each(queueRows)('queue-gauge-excess is $verdict when $why', (row) => expectRow(queueGaugeExcess, row));
  it.each(spawnRows)('spawn-without-work is $verdict when $why', (row) => expectRow(spawnWithoutWork, row));
  it.each(zombieRows)('zombie-work is $verdict when $why', (row) => expectRow(zombieWork, row));
});
