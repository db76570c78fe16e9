import type { DeviceHost } from '../../device/device.ts';
import { leastFree, readMemoryBounds } from '../../memory.ts';
import { constantRows, type Exposition } from '../../metrics.ts';
import type { SpeechState } from './speech-state.ts';

const gigabyte = 1e9;

/** The gauges of the incident's server, by its names. */
export function collectSpeech(exposition: Exposition, state: SpeechState, device: DeviceHost): void {
  const { pool } = state;
  const gauge = (name: string, help: string, value: number | null): void =>
    exposition.gauge(`uttera_stt_${name}`, help, value);
  const freeVramBytes = device.totals()?.freeBytes ?? null;
  const freeRamBytes = leastFree(readMemoryBounds())?.freeBytes ?? null;
  exposition.counter('uttera_stt_requests_by_route_total', 'Transcripts by the worker that made them.', state.byRoute);
  exposition.counter('uttera_stt_cold_workers_spawned_total', 'Cold workers started.', constantRows(pool.coldSpawned));
  exposition.counter(
    'uttera_stt_oom_predictor_skipped_total',
    'Cold workers vetoed by the RAM gate.',
    constantRows(pool.ramVetoes),
  );
  exposition.counter(
    'uttera_stt_requeued_total',
    'Clips put back after a lost connection.',
    constantRows(pool.requeued),
  );
  exposition.counter('uttera_stt_admission_refused_total', 'Clips refused for want of room.', state.refused);
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
