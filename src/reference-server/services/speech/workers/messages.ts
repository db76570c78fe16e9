import type { DeviceAccess } from '../../../device/device.ts';
import type { WavInfo } from '../../../wav.ts';

export type WorkerKind = 'hot' | 'cold';

/** What a worker is started with, as one JSON argument. */
export interface WorkerSetup {
  kind: WorkerKind;
  device: DeviceAccess;
  loadMs: number;
  workerBytes: number;
  bytesPerAudioMinute: number;
  audioSecondsPerSecond: number;
  timeScale: number;
  weightsBytes: number;
  /** Idle time after which it ends by itself; null = only its parent ends it. */
  selfIdleMs: number | null;
}

export type ToWorker = { type: 'job'; id: number; path: string; wav: WavInfo } | { type: 'cancel'; id: number };

export type FromWorker =
  | { type: 'ready' }
  | { type: 'done'; id: number; text: string; isSilent: boolean; workMs: number; peakAnonBytes: number | null }
  | { type: 'failed'; id: number; code: string; message: string };
