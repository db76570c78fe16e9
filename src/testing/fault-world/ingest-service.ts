import { SimIngest } from './sim-ingest.ts';
import { plainService, type SimContext, type SimService } from './sim-service.ts';

/** A worker that fetches its tasks, downloads, decodes and stages them ahead of its model. */
export function startIngest(context: SimContext): SimService {
  const ingest = new SimIngest(context);
  return {
    ...plainService,
    handle: (call) => ingest.waiting.push(call),
    reserved: () => ingest.reserved,
    gauges: () => ({
      headroom_ingest_shm_bytes: ingest.shmBytes,
      'headroom_ingest_system_refusals_total{code="EMFILE"}': ingest.refusals,
    }),
  };
}
