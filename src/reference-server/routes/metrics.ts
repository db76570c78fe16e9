import type { FrontState } from '../front-state.ts';
import { createExposition, type Exposition } from '../metrics.ts';
import { sendMetrics } from '../reply.ts';
import type { Route } from '../service.ts';

function collectDevice(exposition: Exposition, { device }: FrontState): void {
  const totals = device.totals();
  const labels = { kind: device.kind };
  const help = (what: string): string =>
    device.kind === 'cuda'
      ? `Device memory ${what} by NVML.`
      : `Device memory ${what} by the ledger; virtual VRAM has no host memory behind it.`;
  exposition.gauge('headroom_device_total_bytes', help('in all'), totals?.totalBytes ?? null, labels);
  exposition.gauge('headroom_device_used_bytes', help('taken'), totals?.usedBytes ?? null, labels);
  exposition.gauge('headroom_device_free_bytes', help('left'), totals?.freeBytes ?? null, labels);
}

/** `GET /metrics` in the Prometheus text format 0.0.4. */
export function metricsRoute(state: FrontState): Route {
  return {
    path: '/metrics',
    methods: ['GET'],
    handle(_request, response) {
      const exposition = createExposition();
      exposition.counter('uttera_stt_requests_total', 'Replies by endpoint, method and status.', state.requests);
      for (const service of state.services) {
        service.collect(exposition);
      }
      collectDevice(exposition, state);
      exposition.gauge('headroom_spool_bytes', 'Uploads on disk.', state.spool.bytes());
      exposition.gauge('process_resident_memory_bytes', 'Resident memory of the front.', process.memoryUsage.rss());
      sendMetrics(response, exposition.text());
    },
  };
}
