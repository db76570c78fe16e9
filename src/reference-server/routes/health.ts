import type { ServerResponse } from 'node:http';
import { sendJson } from '../reply.ts';
import type { ServerState } from '../server-state.ts';

/** `GET|HEAD /health`: 200 once the hot worker can take work, 503 while it loads. */
export function handleHealth(state: ServerState, response: ServerResponse): void {
  const { pool } = state;
  const isReady = pool.isHotReady && state.device() !== null;
  sendJson(response, isReady ? 200 : 503, {
    status: isReady ? 'ok' : 'loading',
    device: { kind: 'virtual' },
    pool: {
      queue_depth: pool.queueDepth,
      queue_audio_seconds: pool.queueAudioSeconds,
      pool_workers_active: pool.coldCount('ready'),
      pool_workers_loading: pool.coldCount('loading'),
    },
  });
}
