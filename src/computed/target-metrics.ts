import type { Series, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';

export function targetMetrics(samples: SampleTable): ReadonlyMap<string, Series> | Unavailable {
  const metrics = new Map<string, Series>();
  for (const metric of samples.metrics('target')) {
    const series = samples.series('target', 'metrics', metric);
    if (series !== null) {
      metrics.set(metric, series);
    }
  }
  return metrics.size > 0 ? metrics : { unavailable: true, reason: 'the target has no metrics page' };
}

/** Bytes that wait unread at the target's sockets. */
export function unreadBytes(samples: SampleTable): Series | Unavailable {
  const instance = samples.instances('target', 'recv_queue_bytes')[0];
  return (
    (instance === undefined ? null : samples.series('target', instance, 'recv_queue_bytes')) ?? {
      unavailable: true,
      reason: "the target's sockets were not sampled",
    }
  );
}

/** Connections at the target's port: accepted ones, and those that wait to be accepted. */
export function socketCounts(samples: SampleTable): Record<string, Series> {
  const read = (metric: string): Series | null => {
    const instance = samples.instances('target', metric)[0];
    return instance === undefined ? null : samples.series('target', instance, metric);
  };
  const lines = { socketsEstablished: read('established'), acceptQueue: read('accept_queue') };
  return Object.fromEntries(
    Object.entries(lines).flatMap(([name, series]) => (series === null ? [] : [[name, series]])),
  );
}
