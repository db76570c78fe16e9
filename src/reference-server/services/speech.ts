import type { Service, ServiceKind } from '../service.ts';
import { collectSpeech } from './speech/gauges.ts';
import { Pool } from './speech/pool.ts';
import { speechKnobs, speechSettings } from './speech/settings.ts';
import { createSpeechState } from './speech/speech-state.ts';
import { handleTranscription } from './speech/transcriptions.ts';

/** Speech to text with one hot worker and a pool of cold ones that follows the queued audio. */
export const speech: ServiceKind = {
  id: 'speech',
  title: 'Hot and cold speech to text: POST /v1/audio/transcriptions',
  knobs: speechKnobs,
  async start({ values, device, spool, log }): Promise<Service> {
    const settings = speechSettings(values);
    const state = createSpeechState(
      spool,
      settings.maxQueue,
      (uploads) => new Pool(settings, { device, uploads, log }),
    );
    const { pool } = state;
    return {
      routes: [
        {
          path: '/v1/audio/transcriptions',
          methods: ['POST'],
          handle: (request, response) => handleTranscription(state, request, response),
        },
      ],
      isReady: () => pool.isHotReady,
      health: () => ({
        pool: {
          queue_depth: pool.queueDepth,
          queue_audio_seconds: pool.queueAudioSeconds,
          pool_workers_active: pool.coldCount('ready'),
          pool_workers_loading: pool.coldCount('loading'),
        },
      }),
      collect: (exposition) => collectSpeech(exposition, state, device),
      manage: () => pool.manage(),
      stop: (graceMs) => pool.stop(graceMs),
      connectionLimit: null,
    };
  },
};
