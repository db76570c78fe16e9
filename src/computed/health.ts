import type { Health, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { emptySeries, hasValues } from './series.ts';

export function health(samples: SampleTable): Health | Unavailable {
  const ok = samples.series('target', 'health', 'health_ok');
  return hasValues(ok)
    ? { ok, rttMs: samples.series('target', 'health', 'health_rtt_ms') ?? emptySeries }
    : { unavailable: true, reason: 'health was never asked' };
}
