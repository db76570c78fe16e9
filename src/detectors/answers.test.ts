import { describe, expect, it } from 'vitest';
import type { Artifacts, Series } from '../model/artifacts.ts';
import type { Detector, Verdict } from '../model/detector.ts';
import type { RequestRecord } from '../model/record.ts';
import {
  context,
  event,
  healthyArtifacts,
  line,
  mib,
  profile,
  record,
  series,
  stageWindowsOf,
} from '../testing/build.ts';
import { neighbourFailure } from './neighbour-failure.ts';
import { silentFailure } from './silent-failure.ts';
import { throughputCollapse } from './throughput-collapse.ts';
import { unansweredTasks } from './unanswered-tasks.ts';

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
const four = [0, 1, 2, 3].map((seq) => record(seq, { plannedMs: 30_000, endMs: 88_000 }));

/** 40 answers in the load stage, `failed` of them with a status. */
const answers = (failed: number, status: number): readonly RequestRecord[] =>
  Array.from({ length: 40 }, (_, seq) =>
    record(seq, {
      plannedMs: 30_000 + seq * 1000,
      ...(seq < failed ? { outcome: 'http_error', status, errorCode: null } : {}),
    }),
  );
const silentRows: Row[] = [
  { why: 'all is well', verdict: 'ok' },
  {
    why: 'a fifth is 502 and health is green',
    verdict: 'fail',
    over: { records: answers(8, 502) },
    says: /8 of 40 .*8 x 502/,
  },
  {
    why: 'health failed as well',
    verdict: 'ok',
    over: { records: answers(8, 502), health: { ok: during(60, 62, 0, 1), status: none, rttMs: none } },
  },
  { why: 'four failures are no rate', verdict: 'ok', over: { records: answers(4, 500) } },
  ...[429, 503, 504, 529, 400, 413].map(
    (status): Row => ({
      why: `half of it is refused with ${status}`,
      verdict: 'ok',
      over: { records: answers(20, status) },
    }),
  ),
  {
    why: 'half of it times out under overload',
    verdict: 'ok',
    over: {
      records: [
        ...answers(0, 200),
        ...[50, 51, 52, 53, 54, 55].map((seq) => record(seq, { outcome: 'timeout', status: null })),
      ],
    },
  },
  {
    why: 'nothing was answered',
    verdict: 'inconclusive',
    over: { records: [record(0, { outcome: 'timeout', status: null })] },
  },
  {
    why: 'health was hardly asked',
    verdict: 'inconclusive',
    over: { records: answers(8, 502), health: { ok: line(2, () => 1), status: none, rttMs: none } },
  },
  {
    why: 'only the warm-up failed',
    verdict: 'inconclusive',
    over: {
      records: answers(8, 500).map((one) => ({ ...one, stage: 'warm' })),
      stages: stageWindowsOf([
        ['base', 'idle', 30],
        ['warm', 'warmup', 60],
      ]),
    },
  },
];

/** Answers per second in each of six parts of 10 s of the load stage, offered at 8 per second. */
const rated = (...perSecond: readonly number[]): readonly RequestRecord[] =>
  Array.from({ length: 480 }, (_, seq) => {
    const tMs = 30_000 + (seq * 1000) / 8;
    const rate = perSecond[Math.floor((tMs - 30_000) / 10_000)] ?? 0;
    return record(seq, { plannedMs: tMs, endMs: tMs + 50, outcome: seq % 8 < rate ? 'ok' : 'timeout' });
  });
const collapseRows: Row[] = [
  { why: 'the rate holds', verdict: 'ok', over: { records: rated(4, 8, 8, 8, 8, 8) } },
  {
    why: 'it falls from 8 to 1 a second',
    verdict: 'fail',
    over: { records: rated(8, 8, 8, 6, 1, 1) },
    says: /from 8\.00\/s to 1\.00\/s/,
  },
  {
    why: 'it is at capacity under overload, the rest is refused',
    verdict: 'ok',
    over: { records: rated(5, 4, 4, 5, 4, 4) },
  },
  { why: 'only the last part is low', verdict: 'ok', over: { records: rated(8, 8, 8, 8, 8, 1) } },
  { why: 'it falls to 5 of 8', verdict: 'ok', over: { records: rated(8, 8, 8, 8, 5, 5) } },
  {
    why: 'the guard stopped the load',
    verdict: 'ok',
    over: { records: rated(8, 8, 8, 0, 0, 0), events: [event(60_000, 'guard_stop')] },
  },
  { why: 'a few long answers are chance', verdict: 'inconclusive', over: { records: rated(1, 1, 1, 1, 0, 0) } },
  { why: 'no load was constant', verdict: 'not-applicable', over: { stages: stageWindowsOf([['base', 'idle', 30]]) } },
];

const call = (seq: number, over: Partial<RequestRecord>): RequestRecord =>
  record(seq, { plannedMs: 100_000 + seq * 1000, ...over });
const card = (treeMib: number | null): Pick<Artifacts, 'device'> => {
  const { device } = healthyArtifacts();
  const held = line(150, () => (treeMib === null ? null : treeMib * mib));
  const one = { ...device, treeBytes: held, freeBytes: line(150, () => 2200 * mib) };
  return { device: { ...one, devices: [one] } };
};
const broken = call(1, { outcome: 'http_error', status: 502, errorCode: 'upstream_exited' });
const neighbourRows: Row[] = [
  { why: 'it was never answered', verdict: 'inconclusive' },
  { why: 'every call was answered', verdict: 'ok', over: { ...card(10_726), neighbour: [call(0, {}), call(1, {})] } },
  {
    why: 'it fails while the idle target holds two thirds',
    verdict: 'fail',
    over: { ...card(10_726), neighbour: [call(0, {}), broken] },
    says: /upstream_exited.*idle.*10\.47 GiB.*65 %/,
  },
  { why: 'the target holds nothing', verdict: 'inconclusive', over: { ...card(4), neighbour: [broken] } },
  { why: 'what the target holds was not read', verdict: 'inconclusive', over: { ...card(null), neighbour: [broken] } },
  {
    why: 'the target works within its share',
    verdict: 'inconclusive',
    over: { ...card(4000), neighbour: [{ ...broken, endMs: 60_000 }] },
  },
  {
    why: 'the target works and holds more than half',
    verdict: 'fail',
    over: { ...card(10_000), neighbour: [{ ...broken, endMs: 60_000 }] },
  },
  {
    why: 'the neighbour says that it has too much to do',
    verdict: 'ok',
    over: { ...card(10_726), neighbour: [{ ...broken, status: 503 }] },
  },
  { why: 'our call was wrong', verdict: 'ok', over: { ...card(10_726), neighbour: [{ ...broken, status: 404 }] } },
];

const board = (over: Partial<Artifacts['jobBoard']>): Pick<Artifacts, 'jobBoard'> => ({
  jobBoard: {
    reserved: during(30, 90, 24, 0),
    waiting: none,
    duplicates: line(150, () => 0),
    late: line(150, () => 0),
    expired: line(150, () => 0),
    leaseMs: 300_000,
    wholeLeaseMs: 300_000,
    ...over,
  },
});
const taskRows: Row[] = [
  { why: 'nothing was taken', verdict: 'inconclusive', over: { ...board({ reserved: none }), records: [] } },
  { why: 'each was answered once', verdict: 'ok', over: board({}) },
  {
    why: 'leases ended',
    verdict: 'fail',
    over: board({ expired: during(60, 150, 7, 0) }),
    says: /^7 tasks.*from 1:01/,
  },
  {
    why: 'some were answered twice',
    verdict: 'fail',
    over: board({ duplicates: during(60, 150, 2, 0), late: during(60, 150, 2, 0) }),
  },
  {
    why: 'more are reserved than a lease has answers',
    verdict: 'warn',
    over: board({ reserved: during(30, 90, 384, 0) }),
    says: /384 .*300 are answered/,
  },
  {
    why: 'the lease is not known',
    verdict: 'ok',
    over: board({ reserved: during(30, 90, 384, 0), leaseMs: null, wholeLeaseMs: null }),
  },
  {
    why: 'leases ended that the scale had shortened, and a whole one has time for all that is reserved',
    verdict: 'inconclusive',
    over: board({ expired: during(60, 150, 36, 0), late: during(60, 150, 16, 0), leaseMs: 18_000 }),
    says: /^36 tasks were not answered within 18\.0 s and 16 .* lasts 5 min 00 s at scale 1/,
  },
  {
    why: 'more are reserved than even a whole lease has answers, at a scale that shortened it',
    verdict: 'warn',
    over: board({ reserved: during(30, 90, 384, 0), expired: during(60, 150, 36, 0), leaseMs: 18_000 }),
    says: /384 .*300 are answered within a lease of 5 min 00 s/,
  },
  {
    why: 'late answers show how much a worker does, where the scale shortened its leases',
    verdict: 'inconclusive',
    over: {
      ...board({ late: line(150, (second) => second), expired: line(150, (second) => second), leaseMs: 18_000 }),
      records: four,
    },
  },
  {
    why: 'too little was answered for a rate under a shortened lease',
    verdict: 'inconclusive',
    over: { ...board({ expired: during(60, 150, 36, 0), leaseMs: 18_000 }), records: four },
  },
  {
    why: 'one was answered twice, which no lease excuses',
    verdict: 'fail',
    over: board({ duplicates: during(60, 150, 1, 0), leaseMs: 18_000 }),
  },
  {
    why: 'too few were answered for a rate',
    verdict: 'ok',
    over: { ...board({ reserved: during(30, 90, 384, 0) }), records: four },
  },
];

describe('answers that fail, fade or never come', () => {
  it.each(silentRows)('silent-failure is $verdict when $why', (row) => expectRow(silentFailure, row));
  it.each(collapseRows)('throughput-collapse is $verdict when $why', (row) => expectRow(throughputCollapse, row));
  it.each(neighbourRows)('neighbour-failure is $verdict when $why', (row) => expectRow(neighbourFailure, row));
  it.each(taskRows)('unanswered-tasks is $verdict when $why', (row) => expectRow(unansweredTasks, row));
});
