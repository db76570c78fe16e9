import { describe, expect, it } from 'vitest';
import type { Finding } from '../model/detector.ts';
import type { RequestRecord } from '../model/record.ts';
import { profile, record, stage } from '../testing/build.ts';
import { manifest } from '../testing/build-manifest.ts';
import { noSuccess } from './no-success.ts';

const run = manifest({
  profile: profile({
    stages: [stage('warm', 'warmup', 1000), stage('steady', 'load', 9000), stage('after', 'canary', 1000)],
  }),
});
const sent = (count: number, over: Partial<RequestRecord> = {}): RequestRecord[] =>
  Array.from({ length: count }, (_, seq) =>
    record(seq, { stage: 'steady', outcome: 'http_error', status: 422, errorCode: 'http_422', ...over }),
  );
const finding = (detector: string, verdict: Finding['verdict'], evidence: Record<string, number> = {}): Finding =>
  ({ detector, verdict, evidence: { holder: null, ...evidence } }) as Finding;

describe('a run without one success', () => {
  it('names the outcomes, the first bad reply, and what to check', () => {
    const records = [
      ...sent(8, { endMs: 700 }),
      ...sent(1, { endMs: 90, errorCode: 'missing_field' }),
      ...sent(2, { outcome: 'timeout', status: null, errorCode: 'timeout', endMs: 900 }),
    ].map((one, seq) => ({ ...one, seq }));
    expect(noSuccess({ manifest: run, records, findings: [] })).toBe(
      'No request of 11 succeeded (9 http_error, 2 timeout; the first in `steady`: HTTP 422 `missing_field`): the load that was planned was not the load that the server worked on. Check adapter, corpus, model and template with `bench doctor --target URL --try`, and then one stage with `--only STAGE`.',
    );
  });

  it.each([
    { why: 'ten are enough', records: sent(10), says: /^No request of 10 .*HTTP 422\)/ },
    { why: 'nine are too few', records: sent(9), says: null },
    { why: 'one answer is work', records: [...sent(99), ...sent(1, { outcome: 'ok' })], says: null },
    { why: 'nothing was sent', records: sent(50, { outcome: 'dropped' }), says: null },
    { why: 'clients let go as the profile says', records: sent(50, { outcome: 'cancelled' }), says: null },
    { why: 'retries of few requests are no more requests', records: sent(50, { retryOf: 3 }), says: null },
    {
      why: 'the warm-up failed, so that no rate of the load was known',
      records: sent(50, { stage: 'warm' }),
      says: /^No request of 50 .*`warm`/,
    },
    {
      why: 'the warm-up failed, and the load did not',
      records: [...sent(50, { stage: 'warm' }), ...sent(1, { outcome: 'ok' })],
      says: null,
    },
    {
      why: 'few of the load failed after a good warm-up',
      records: [...sent(9), ...sent(3, { stage: 'warm', outcome: 'ok' })],
      says: null,
    },
    {
      why: 'the warm-up shows that the requests are right',
      records: [...sent(10), ...sent(3, { stage: 'warm', outcome: 'ok' })],
      says: /3 were answered in warm-up or canary/,
    },
    {
      why: 'nothing came back at all',
      records: sent(10, { outcome: 'in_flight_at_end', endMs: null, status: null, errorCode: null }),
      says: /\(10 in_flight_at_end\): /,
    },
  ])('$why', ({ records, says }) => {
    const reason = noSuccess({ manifest: run, records, findings: [] });
    if (says === null) {
      expect(reason).toBeNull();
    } else {
      expect(reason).toMatch(says);
    }
  });

  it.each([
    { why: 'the server was killed', finding: finding('oom-kill', 'fail'), isInvalid: false },
    { why: 'it failed by its own word', finding: finding('silent-failure', 'fail'), isInvalid: false },
    {
      why: 'health hung under the load',
      finding: finding('probe-failure', 'fail', { asked: 60, unanswered: 50 }),
      isInvalid: false,
    },
    {
      why: 'health was never good, so that its path may be wrong too',
      finding: finding('probe-failure', 'fail', { asked: 60, unanswered: 60 }),
      isInvalid: true,
    },
    { why: 'a suspicion explains nothing', finding: finding('oom-kill', 'warn'), isInvalid: true },
    { why: 'memory that stays explains no refusal', finding: finding('retained-memory', 'fail'), isInvalid: true },
  ])('$why: invalid $isInvalid', ({ finding: found, isInvalid }) => {
    const reason = noSuccess({ manifest: run, records: sent(20), findings: [found] });
    expect(reason !== null).toBe(isInvalid);
  });
});
