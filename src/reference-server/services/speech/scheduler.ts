import type { SpeechSettings } from './settings.ts';

/** Margin on the averaged VRAM of a worker, as in the incident. */
export const vramMarginRatio = 1.2;

/** Weight of the newest value in the averages of the gates. */
const emaWeightRatio = 0.3;

/** What a worker takes besides its weights: interpreter heap and code made private, measured on Node 20. */
export const workerOwnBytes = 32 * 1024 ** 2;

export function emaOf(previous: number | null, value: number): number {
  return previous === null ? value : previous + emaWeightRatio * (value - previous);
}

/**
 * Cold workers wanted for the queued audio: min(pool size, M - 2), where M is the smallest N with
 * N(N-1) >= 2 x q x s / c. q: queued audio in seconds, s: work in seconds per second of audio,
 * c: cold start in seconds. Source: the pool of the incident's server.
 */
export function coldTarget(
  queuedAudioSeconds: number,
  workPerAudioSecond: number,
  coldStartMs: number,
  poolSize: number,
): number {
  if (queuedAudioSeconds <= 0 || poolSize <= 0) {
    return 0;
  }
  const bound = (2 * queuedAudioSeconds * workPerAudioSecond * 1000) / Math.max(1, coldStartMs);
  // The positive root of N^2 - N - bound.
  const workers = Math.ceil((1 + Math.sqrt(1 + 4 * bound)) / 2);
  return Math.max(0, Math.min(poolSize, workers - 2));
}

/** Peak bytes of one clip in a worker: 16-bit samples, the float32 copy, decoder state. */
export function clipBytes(settings: SpeechSettings, clip: { dataBytes: number; audioSeconds: number }): number {
  return clip.dataBytes * 3 + (clip.audioSeconds / 60) * settings.bytesPerAudioMinute;
}

/** A worker with no clip, in bytes. */
export function idleWorkerBytes(settings: SpeechSettings): number {
  return settings.workerBytes + workerOwnBytes;
}

export interface RamGateView {
  /** Of the bound with the least room after its headroom; null if no bound could be read. */
  spareBytes: number | null;
  /** The larger of the averaged peak of a worker and of a worker that holds the longest waiting clip. */
  perWorkerBytes: number;
  /** Anonymous bytes that each living worker already shows; a loading one shows nearly nothing. */
  shownWorkerBytes: readonly number[];
  /** Bytes of uploads that are announced and not yet received. */
  pendingUploadBytes: number;
}

/**
 * (N+1) x per worker <= free - headroom, where what the N living workers already show is no
 * longer free: only the part that they may still take is counted against the room.
 */
export function ramGateOpens(view: RamGateView): boolean {
  if (view.spareBytes === null) {
    return true;
  }
  const committedBytes = view.shownWorkerBytes.reduce(
    (sum, shownBytes) => sum + Math.max(0, view.perWorkerBytes - shownBytes),
    0,
  );
  return view.perWorkerBytes + committedBytes + view.pendingUploadBytes <= view.spareBytes;
}

/** Loading workers have not taken their VRAM yet, so they count beside the new one. */
export function vramGateOpens(freeBytes: number | null, perWorkerBytes: number, loading: number): boolean {
  return freeBytes === null || (loading + 1) * perWorkerBytes * vramMarginRatio <= freeBytes;
}

/** May a clip start now? One alone always may: it was admitted as fitting, and waiting frees nothing more. */
export function clipMayStart(
  clipNeedsBytes: number,
  notYetShownBytes: number,
  spareBytes: number | null,
  running: number,
): boolean {
  return spareBytes === null || running === 0 || clipNeedsBytes + notYetShownBytes <= spareBytes;
}
