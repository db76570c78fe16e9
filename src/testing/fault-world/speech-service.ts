import { createJob, type Job } from '../../reference-server/services/speech/job.ts';
import {
  errorReply,
  okReply,
  plainService,
  type SimCall,
  type SimContext,
  type SimReply,
  type SimService,
} from './sim-service.ts';
import { SpeechPool } from './speech-pool.ts';

/** What a socket buffer of loopback takes of a body that nobody reads. */
const unreadPerCallBytes = 128_195;
/** Its length is told by the item. */
const emptyWav: Job['wav'] = { dataOffset: 44, dataBytes: 0, sampleRate: 16_000 };

function replyOf(outcome: Parameters<Job['settle']>[0]): SimReply {
  return outcome.ok ? { ...okReply, route: outcome.route } : errorReply(outcome.status, outcome.code);
}

/** Uploads of speech for a hot worker and a pool of cold ones. */
export function startSpeech(context: SimContext): SimService {
  const pool = new SpeechPool(context);
  let nextId = 1;
  let inFlight = 0;
  const handle = (call: SimCall): void => {
    if (pool.isSpinning) {
      return;
    }
    if (pool.queue.jobs.length >= pool.settings.maxQueue) {
      call.answer(errorReply(503, 'queue_full'));
      return;
    }
    const audioSeconds = call.item.traits['audioSeconds'] ?? 1;
    inFlight += 1;
    const job: Job = {
      ...createJob(nextId, '', emptyWav, (outcome) => {
        inFlight -= 1;
        call.answer(replyOf(outcome));
      }),
      audioSeconds,
    };
    nextId += 1;
    call.onGone(() => {
      inFlight -= pool.isSpinning ? 0 : 1;
      pool.cancel(job);
    });
    pool.submit(job);
  };
  return {
    ...plainService,
    handle,
    health: () => (pool.isSpinning ? 'silent' : 'ok'),
    unreadBytes: (open) => (pool.isSpinning ? open * unreadPerCallBytes + 200 : 0),
    gauges: () => ({
      uttera_stt_work_queue_depth: pool.queue.jobs.length,
      uttera_stt_work_queue_audio_seconds: pool.queue.audioSeconds,
      uttera_stt_inflight_requests: inFlight,
      uttera_stt_cold_workers_active: pool.coldCount('ready'),
      uttera_stt_cold_workers_loading: pool.coldCount('loading'),
      uttera_stt_cold_workers_spawned_total: pool.spawned,
    }),
  };
}
