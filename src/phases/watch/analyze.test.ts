import { describe, expect, it } from 'vitest';
import { recordsUnusable } from '../../computed/watched.ts';
import { detectors } from '../../detectors/index.ts';
import type { GatheredRun } from '../../model/samples.ts';
import { event, mib, profile, record, sampleTable, series, stage } from '../../testing/build.ts';
import { manifest } from '../../testing/build-manifest.ts';
import { analyze } from '../analyze/analyze.ts';

/** A run of 30 s around another tool's load. */
function watched(over: Partial<GatheredRun> = {}): GatheredRun {
  const stages = [
    stage('before', 'idle', 5000),
    { ...stage('load', 'load', 10_000), load: null },
    stage('after', 'idle', 15_000),
  ];
  const records = over.records ?? [];
  const base = manifest();
  return {
    manifest: manifest({
      profile: profile({ name: 'watch', stages }),
      engine: { id: 'watch', version: '1', why: 'the load is k6 run script.js' },
      measured: base.measured === null ? null : { ...base.measured, endMs: 30_000, planned: records.length },
    }),
    records,
    items: new Map(),
    neighbour: null,
    samples: sampleTable({
      'tree/tree/rss_anon_bytes': series(Array.from({ length: 30 }, () => 100 * mib)),
      'host/host/mem_total_bytes': series(Array.from({ length: 30 }, () => 8192 * mib)),
      'host/host/mem_available_bytes': series(Array.from({ length: 30 }, () => 4096 * mib)),
      'client/harness/event_loop_lag_ms': series(Array.from({ length: 30 }, () => 400)),
    }),
    events: stages.flatMap(({ name, kind, durationMs }, index) => {
      const startMs = [0, 5000, 15_000][index] ?? 0;
      return [
        event(startMs, 'stage_start', { stage: name, subject: name, detail: kind }),
        event(startMs + durationMs, 'stage_end', { stage: name, subject: name }),
      ];
    }),
    sources: {},
    ...over,
  };
}

const verdictOf = (run: GatheredRun, id: string): string | undefined =>
  analyze(run, detectors).findings.find(({ detector }) => detector === id)?.verdict;

describe('a watched run without request data', () => {
  it('judges memory, and nothing that needs requests', () => {
    const run = watched();
    expect(verdictOf(run, 'low-headroom')).toBe('ok');
    expect(verdictOf(run, 'growth-without-load')).toBe('ok');
    expect(verdictOf(run, 'masked-failure')).toBe('not-applicable');
    expect(verdictOf(run, 'process-restart')).not.toBe('ok');
  });

  it('is invalid where a file of requests was named and gave none', () => {
    const run = watched();
    const notObserved = [{ what: recordsUnusable, why: 'k6.json could not be read: it is torn.' }];
    const { validity } = analyze({ ...run, manifest: { ...run.manifest, notObserved } }, detectors);
    expect(validity).toEqual({
      state: 'invalid',
      reasons: ['The requests of this load are not known: k6.json could not be read: it is torn.'],
      codes: ['requests-unknown'],
    });
  });

  it('still fails when the target ends under the load', () => {
    const run = watched();
    const process = { subject: 'front#7', detail: 'pid 7, role front, root' };
    const events = [...run.events, event(1000, 'process_start', process), event(9000, 'process_gone', process)];
    expect(verdictOf({ ...run, events }, 'process-restart')).toBe('fail');
  });

  it('draws no request and counts none in flight', () => {
    const { series: lines, memory, stages } = analyze(watched(), detectors);
    expect(Object.keys(lines)).not.toContain('inFlight');
    expect(Object.keys(lines)).not.toContain('offered');
    expect(memory.perMinute.map(({ inFlight }) => inFlight)).toEqual([null]);
    expect(stages.map(({ offeredPerSecond }) => offeredPerSecond)).toEqual([null, null, null]);
  });

  it('is valid: the lag of a harness that sends nothing is no fault of the load', () => {
    expect(analyze(watched(), detectors).validity).toEqual({ state: 'valid', reasons: [], codes: [] });
  });
});

describe('a watched run with imported requests', () => {
  const records = Array.from({ length: 20 }, (_, seq) =>
    record(seq, { plannedMs: 5000 + seq * 500, startMs: 5000 + seq * 500, endMs: 5400 + seq * 500, check: 'none' }),
  );

  it('has rates and requests in flight, and no lateness that nobody planned', () => {
    const result = analyze(watched({ records }), detectors);
    expect(result.stages[1]?.offeredPerSecond).toBe(2);
    expect(result.stages[1]?.loadModel).toBeNull();
    expect(Object.keys(result.series)).toContain('inFlight');
    expect(result.harness.dispatchLatenessP99Ms).toBeNull();
    expect(result.validity.state).toBe('valid');
  });
});
