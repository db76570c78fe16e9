import type { Health, Series, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { emptySeries, hasValues } from './series.ts';

export function health(samples: SampleTable): Health | Unavailable {
  const read = (metric: string): Series | null => samples.series('target', 'health', metric);
  const ok = read('health_ok');
  return hasValues(ok)
    ? { ok, rttMs: read('health_rtt_ms') ?? emptySeries, status: read('health_status') ?? emptySeries }
    : { unavailable: true, reason: 'health was never asked' };
}
