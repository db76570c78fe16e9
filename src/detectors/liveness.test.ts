import { describe, expect, it } from 'vitest';
import type { ProcessLife } from '../model/artifacts.ts';
import { context, event, healthyArtifacts, line, record, series } from '../testing/build.ts';
import { expectVerdict, type VerdictRow } from '../testing/judge.ts';
import { detectors } from './index.ts';

const life = (instance: string, goneMs: number | null, isRoot = false): ProcessLife => ({
  instance,
  role: instance.split('#')[0] ?? '',
  pid: 1,
  isRoot,
  firstMs: 0,
  lastMs: goneMs ?? 150_000,
  goneMs,
});
const answer = (seq: number, itemId: string, answerDigest: string) =>
  record(seq, { itemId, answerDigest, check: 'consistency' });
const answers = (of: string) => of.split(' ').map((pair, seq) => answer(seq, pair[0] ?? '', pair.slice(1)));

const rows: VerdictRow[] = [
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
    why: 'a worker ended and the server says 500',
    verdict: 'fail',
    over: {
      processes: [life('ref-cold#7', 60_000)],
      records: [record(1, { endMs: 59_500, outcome: 'http_error', status: 500 })],
    },
  },
  {
    id: 'process-restart',
    why: "a sandbox's program ended in peace while others were refused",
    verdict: 'ok',
    over: {
      processes: [life('python3#7', 60_000)],
      records: [429, 503, 400].map((status, seq) => record(seq, { endMs: 59_500, outcome: 'http_error', status })),
    },
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

  { id: 'probe-failure', why: 'every answer took 4 ms', verdict: 'ok' },
  {
    id: 'probe-failure',
    why: 'it did not answer for 10 s',
    verdict: 'fail',
    over: {
      health: {
        status: series([]),
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
    over: { health: { status: series([]), rttMs: line(150, (s) => (s === 60 ? 1500 : 4)), ok: line(150, () => 1) } },
  },
  {
    id: 'probe-failure',
    why: 'one of only 40 is a warning',
    verdict: 'warn',
    over: { health: { status: series([]), rttMs: line(40, (s) => (s === 10 ? 1500 : 4)), ok: line(40, () => 1) } },
  },
  {
    id: 'probe-failure',
    why: 'two slow ones of 40',
    verdict: 'fail',
    over: { health: { status: series([]), rttMs: line(40, (s) => (s > 37 ? 1500 : 4)), ok: line(40, () => 1) } },
  },
  {
    id: 'probe-failure',
    why: 'a silence is not asked, so it cannot fail',
    verdict: 'ok',
    over: {
      health: {
        status: series([]),
        rttMs: line(150, (s) => (s > 90 ? null : 4)),
        ok: line(150, (s) => (s > 90 ? null : 1)),
      },
    },
  },
  {
    id: 'probe-failure',
    why: 'the page that was asked was never one of health',
    verdict: 'inconclusive',
    over: { health: { status: line(150, () => 404), rttMs: line(150, () => 4), ok: line(150, () => 0) } },
    says: /asked 150 times, and every answer was 404/,
  },
  {
    id: 'probe-failure',
    why: 'it was never ready, as where a limit of connections counts the probe too',
    verdict: 'fail',
    over: { health: { status: line(150, () => 503), rttMs: line(150, () => 4), ok: line(150, () => 0) } },
  },
  {
    id: 'probe-failure',
    why: 'it was refused once the load came',
    verdict: 'fail',
    over: { health: { status: series([]), rttMs: line(150, () => 4), ok: line(150, (s) => (s > 30 ? 0 : 1)) } },
  },
  {
    id: 'probe-failure',
    why: 'it was never answered at all',
    verdict: 'fail',
    over: { health: { status: series([]), rttMs: line(150, () => null), ok: line(150, () => 0) } },
  },
  {
    id: 'probe-failure',
    why: 'it was never asked',
    verdict: 'inconclusive',
    over: { health: { status: series([]), rttMs: series([]), ok: series([]) } },
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

describe('detectors of deaths and answers', () => {
  it.each(rows)('$id is $verdict when $why', expectVerdict);

  it('finds no fault in a healthy run', () => {
    const findings = detectors.map((detector) => detector.detect(healthyArtifacts(), context()));
    expect(findings.filter(({ verdict }) => verdict === 'warn' || verdict === 'fail')).toEqual([]);
    expect(findings.filter(({ verdict }) => verdict === 'ok').length).toBeGreaterThan(8);
  });

  it('has one detector for each id', () => {
    expect(new Set(detectors.map((detector) => detector.id)).size).toBe(detectors.length);
  });
});
