import { audioSecondsOf, type WavInfo } from '../../wav.ts';

export type Route = 'HOT' | 'COLD-POOL';

export type JobOutcome =
  | { ok: true; text: string; route: Route }
  | { ok: false; status: number; code: string; message: string };

/** A clip on its way: waiting, or held by one worker. */
export interface Job {
  id: number;
  path: string;
  wav: WavInfo;
  audioSeconds: number;
  settle(outcome: JobOutcome): void;
}

export function createJob(id: number, path: string, wav: WavInfo, settle: (outcome: JobOutcome) => void): Job {
  return { id, path, wav, audioSeconds: audioSecondsOf(wav), settle };
}
