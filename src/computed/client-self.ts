import type { ClientSelf, Series } from '../model/artifacts.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RequestRecord } from '../model/record.ts';
import type { SampleTable } from '../model/samples.ts';
import { dispatchLatenessMs } from './latency.ts';
import { emptySeries } from './series.ts';

/** What the harness itself took. */
export function clientSelf(
  samples: SampleTable,
  records: readonly RequestRecord[],
  measured: Manifest['measured'],
): ClientSelf {
  const series = (metric: string): Series => samples.series('client', 'harness', metric) ?? emptySeries;
  return {
    rssBytes: series('rss_bytes'),
    eventLoopLagMs: series('event_loop_lag_ms'),
    cpuSeconds: measured?.cpuSeconds ?? null,
    latenessMs: dispatchLatenessMs(records),
    samplerCostMs: [...(samples.series('client', 'sampler', 'read_cost_ms')?.values ?? [])],
    samplerCpuSeconds: measured?.samplerCpuSeconds ?? null,
    missedSamples: measured?.missedSamples ?? null,
    expectedSamples: measured?.expectedSamples ?? null,
  };
}
