/** What a number of a metrics page is a count of. */
export type GaugeMeaning = 'queue' | 'queued audio' | 'work' | 'abandoned work' | 'descriptor refusals';

/**
 * The only names that are believed: a number counts as a queue because its server's documentation says so, not since
 * its name sounds like one. A name without labels stands for all of its label sets; one with a label for that set.
 *
 * uttera_*: the speech server of the incident, read in its code. vllm:*: https://docs.vllm.ai (production metrics).
 * nv_inference_pending_request_count: Triton, user guide, metrics. headroom_*: the reference server.
 * Left out: batches and lock waiters, which count other things than requests of ours.
 */
export const knownGauges: Readonly<Record<string, GaugeMeaning>> = {
  uttera_stt_work_queue_depth: 'queue',
  uttera_queue_depth: 'queue',
  uttera_stt_work_queue_audio_seconds: 'queued audio',
  uttera_stt_inflight_requests: 'work',
  'vllm:num_requests_waiting': 'queue',
  'vllm:num_requests_running': 'work',
  nv_inference_pending_request_count: 'queue',
  headroom_images_waiting: 'queue',
  headroom_images_in_flight: 'work',
  headroom_cache_in_flight: 'work',
  headroom_sandbox_programs: 'work',
  headroom_infer_works: 'work',
  headroom_infer_zombies: 'abandoned work',
  'headroom_ingest_system_refusals_total{code="EMFILE"}': 'descriptor refusals',
};
