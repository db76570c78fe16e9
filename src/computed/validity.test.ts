import { describe, expect, it } from 'vitest';
import { event, record, sampleTable, series } from '../testing/build.ts';
import { manifest } from '../testing/build-manifest.ts';
import { clientSelf } from './client-self.ts';
import { latency } from './latency.ts';
import { validity } from './validity.ts';

describe('validity', () => {
  const records = Array.from({ length: 50 }, (_, seq) => record(seq));
  const of = (over: Partial<Parameters<typeof validity>[0]>): ReturnType<typeof validity> => {
    const run = manifest();
    const client = clientSelf(sampleTable({}), over.records ?? records, run.measured);
    return validity({
      manifest: run,
      records,
      events: [],
      client,
      latencyMs: latency(records),
      findings: [],
      targetUnobserved: null,
      ...over,
    });
  };
  const measured = manifest().measured;
  const lateOf = (count: number, late: number): number[] =>
    Array.from({ length: count }, (_, index) => (index < late ? 60 : 1));

  it.each([
    {
      why: 'one outcome is missing',
      over: { records: records.slice(1) },
      code: 'miscounted',
      says: /50 requests were planned, but 49/,
    },
    {
      why: 'one was recorded twice',
      over: { records: [...records.slice(1), record(4)] },
      code: 'recorded-twice',
      says: /1 requests were recorded twice/,
    },
    {
      why: 'gathering never ended',
      over: { manifest: manifest({ measured: null }) },
      code: 'not-ended',
      says: /did not end/,
    },
    {
      why: '4 of 150 samples are missing',
      over: {
        client: { ...clientSelf(sampleTable({}), [], measured), missedSamples: 4 },
      },
      code: 'samples-missing',
      says: /4 of 150 samples/,
    },
    {
      why: 'the sampler was lost',
      over: { events: [event(5, 'sampler_lost', { detail: 'it ended with 1' })] },
      code: 'sampler-lost',
      says: /sampler was lost/,
    },
    {
      why: 'one of three requests was sent 60 ms late',
      over: { client: { ...clientSelf(sampleTable({}), [], measured), latenessMs: [60, 1, 1] } },
      code: 'late-requests',
      says: /held up: 10 % of the requests/,
    },
    {
      why: 'one in 50 of 500 requests was sent 60 ms late, for so many support a p99',
      over: { client: { ...clientSelf(sampleTable({}), [], measured), latenessMs: lateOf(500, 10) } },
      code: 'late-requests',
      says: /held up: 1 % of the requests/,
    },
    {
      why: 'the event loop was held up',
      over: { client: { ...clientSelf(sampleTable({}), [], measured), eventLoopLagMs: series([150]) } },
      code: 'event-loop-lag',
      says: /held up/,
    },
    {
      why: 'the guard stopped for the host',
      over: { events: [event(5, 'guard_stop', { subject: 'harness host', detail: 'little is left' })] },
      code: 'guard-stop',
      says: /another cause/,
    },
    {
      why: 'the target was full before the first request',
      over: {
        records: records.map((one) => ({ ...one, startMs: null, endMs: null, outcome: 'dropped' as const })),
        events: [
          event(5, 'guard_stop', {
            subject: 'target',
            detail: 'memory is at 1.83 GiB of 2.00 GiB (92 %); the guard stops at 90 %',
          }),
        ],
      },
      code: 'full-before-load',
      says: /^Before the first request the target already held 1\.83 GiB of 2\.00 GiB \(92 %\): restart it, or wait/,
    },
    {
      why: "the target was full before another tool's load",
      over: {
        manifest: manifest({ engine: { id: 'watch', version: '1', why: '' } }),
        events: [
          event(5, 'guard_stop', { subject: 'target', detail: 'memory is at 900 MiB of 1.00 GiB (88 %) and reaches' }),
          event(9, 'stage_skipped', { stage: 'load', subject: 'load' }),
        ],
      },
      code: 'full-before-load',
      says: /already held 900 MiB of 1\.00 GiB \(88 %\): restart/,
    },
    {
      why: 'a local target was not observed',
      over: { targetUnobserved: 'EACCES' },
      code: 'target-unobserved',
      says: /not observed: EACCES/,
    },
    {
      why: 'nothing was sent',
      over: { manifest: manifest({ engine: { id: 'simulated', version: 'model 1', why: 'asked for' } }) },
      code: 'simulated',
      says: /Nothing was sent/,
    },
    {
      why: 'the wall clock stepped back',
      over: { manifest: manifest({ endedAt: '2026-01-01T00:01:00.000Z' }) },
      code: 'clock-step',
      says: /stepped back/,
    },
    {
      why: 'somebody set the clock back, within a span that the ends of the run would hide',
      over: { manifest: manifest({ measured: measured === null ? null : { ...measured, clockStepMs: -1500 } }) },
      code: 'clock-step',
      says: /stepped back by 1.5 s/,
    },
    {
      why: 'the host slept, which the monotonic clock does not count',
      over: { manifest: manifest({ measured: measured === null ? null : { ...measured, clockStepMs: 3_600_000 } }) },
      code: 'clock-step',
      says: /gained 1 h 00 min/,
    },
    {
      why: 'the harness had no descriptor left for a request',
      over: { records: [...records.slice(1), record(0, { outcome: 'refused', errorCode: 'emfile' })] },
      code: 'own-resources',
      says: /1 requests were refused by the harness's own host/,
    },
  ])('is lost when $why', ({ over, code, says }) => {
    const { reasons, codes } = of(over);
    expect(reasons.join(' ')).toMatch(says);
    expect(codes).toEqual([code]);
  });

  it.each([
    { why: 'everything adds up', over: {} },
    {
      why: 'the wall clock was slewed a little',
      over: { manifest: manifest({ measured: measured === null ? null : { ...measured, clockStepMs: 900 } }) },
    },
    {
      why: 'the target refused connections',
      over: { records: [...records.slice(1), record(0, { outcome: 'refused', errorCode: 'econnrefused' })] },
    },
    {
      why: "the guard stopped at the target's limit",
      over: { events: [event(5000, 'guard_stop', { subject: 'target' })] },
    },
    {
      why: "the guard stopped another tool's load",
      over: {
        manifest: manifest({ engine: { id: 'watch', version: '1', why: '' } }),
        events: [
          event(1000, 'stage_start', { stage: 'load', subject: 'load', detail: 'load' }),
          event(5000, 'guard_stop', { subject: 'target' }),
        ],
      },
    },
    {
      why: 'one of 65 requests was 60 ms late, which no p99 can be read from',
      over: { client: { ...clientSelf(sampleTable({}), [], measured), latenessMs: lateOf(65, 1) } },
    },
    {
      why: 'two of 100 requests were 60 ms late, which no p99 can be read from',
      over: { client: { ...clientSelf(sampleTable({}), [], measured), latenessMs: lateOf(100, 2) } },
    },
    {
      why: 'a closed stage draws late, which is its nature',
      over: { client: clientSelf(sampleTable({}), [record(1, { slot: 0, startMs: 9000 })], measured) },
    },
    {
      why: 'a remote target cannot be observed',
      over: {
        targetUnobserved: 'remote',
        manifest: manifest({ target: { ...manifest().target, url: 'http://10.0.0.7:8000' } }),
      },
    },
  ])('is kept when $why', ({ over }) => {
    expect(of(over)).toEqual({ state: 'valid', reasons: [], codes: [] });
  });
});
