import type { ServerResponse } from 'node:http';
import { leastFree, readMemoryBounds } from '../memory.ts';
import { createExposition, type Exposition } from '../metrics.ts';
import { sendMetrics } from '../reply.ts';
import type { ServerState } from '../server-state.ts';

const gigabyte = 1e9;

function addDevice(exposition: Exposition, state: ServerState): void {
  const device = state.device();
  const labels = { kind: 'virtual' };
  const help = (what: string): string =>
    `Device memory ${what} by the ledger; virtual VRAM has no host memory behind it.`;
  exposition.gauge('headroom_device_total_bytes', help('in all'), device?.totalBytes ?? null, labels);
  exposition.gauge('headroom_device_used_bytes', help('taken'), device?.usedBytes ?? null, labels);
  exposition.gauge('headroom_device_free_bytes', help('left'), device?.freeBytes ?? null, labels);
}

function addPool(exposition: Exposition, state: ServerState): void {
  const { pool } = state;
  const gauge = (name: string, help: string, value: number | null): void =>
    exposition.gauge(`uttera_stt_${name}`, help, value);
  const freeVramBytes = state.device()?.freeBytes ?? null;
  const freeRamBytes = leastFree(readMemoryBounds())?.freeBytes ?? null;
  gauge('inflight_requests', 'Transcriptions whose reply is not out.', state.inFlight);
  gauge('cold_workers_active', 'Cold workers that are loaded.', pool.coldCount('ready'));
  gauge('cold_workers_loading', 'Cold workers that load.', pool.coldCount('loading'));
  gauge('work_queue_depth', 'Clips that wait.', pool.queueDepth);
  gauge('work_queue_audio_seconds', 'Audio of the clips that wait.', pool.queueAudioSeconds);
  gauge('hot_ema_sps', 'Seconds of work per second of audio, hot worker, averaged.', pool.hotEmaSps);
  gauge('vram_free_gb', 'Free device memory.', freeVramBytes === null ? null : freeVramBytes / gigabyte);
  gauge(
    'ram_free_gb',
    'Free host memory of the tightest bound.',
    freeRamBytes === null ? null : freeRamBytes / gigabyte,
  );
}

/** `GET /metrics` in the Prometheus text format 0.0.4. */
export function handleMetrics(state: ServerState, response: ServerResponse): void {
  const exposition = createExposition();
  const { requests, byRoute, refused } = state.counters;
  const constant = (value: number) => ({ add: () => undefined, rows: () => [{ labels: {}, value }] });
  exposition.counter('uttera_stt_requests_total', 'Replies by endpoint, method and status.', requests);
  exposition.counter('uttera_stt_requests_by_route_total', 'Transcripts by the worker that made them.', byRoute);
  exposition.counter(
    'uttera_stt_cold_workers_spawned_total',
    'Cold workers started.',
    constant(state.pool.coldSpawned),
  );
  exposition.counter(
    'uttera_stt_oom_predictor_skipped_total',
    'Cold workers vetoed by the RAM gate.',
    constant(state.pool.ramVetoes),
  );
  exposition.counter('uttera_stt_admission_refused_total', 'Clips refused for want of room.', refused);
  addPool(exposition, state);
  addDevice(exposition, state);
  exposition.gauge('headroom_spool_bytes', 'Uploads on disk.', state.spool.bytes());
  exposition.gauge('process_resident_memory_bytes', 'Resident memory of the front.', process.memoryUsage.rss());
  sendMetrics(response, exposition.text());
}
