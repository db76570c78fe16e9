import { audioSecondsOf, type WavInfo } from '../../wav.ts';

/** As the reply's header names it. `COLD-POOL>HOT`: put back by the pool, then served by the hot worker. */
export type Route = 'HOT' | 'COLD-POOL' | 'COLD-POOL>HOT' | 'VAD-SKIP';

export type JobOutcome =
  | { ok: true; text: string; route: Route }
  | { ok: false; status: number; code: string; message: string };

/** A clip on its way: waiting, or held by one worker. */
export interface Job {
  id: number;
  path: string;
  wav: WavInfo;
  audioSeconds: number;
  /** How often it was put back after it was taken. */
  requeues: number;
  settle(outcome: JobOutcome): void;
}

export function createJob(id: number, path: string, wav: WavInfo, settle: (outcome: JobOutcome) => void): Job {
  return { id, path, wav, audioSeconds: audioSecondsOf(wav), requeues: 0, settle };
}
