import { type Child, startChild } from '../../children.ts';
import type { DeviceAccess } from '../../device/device.ts';
import { anonBytesOf } from '../../memory.ts';
import type { Job } from './job.ts';
import { clipBytes, idleWorkerBytes } from './scheduler.ts';
import type { SpeechSettings } from './settings.ts';
import type { FromWorker, WorkerKind, WorkerSetup } from './workers/messages.ts';

/** A worker as its parent sees it. */
export interface PoolWorker {
  kind: WorkerKind;
  child: Child;
  state: 'loading' | 'ready' | 'ending';
  job: Job | null;
  idleSinceMs: number;
  /** Its process has ended; the pool may not know yet. */
  isGone: boolean;
}

export interface WorkerEvents {
  message(worker: PoolWorker, message: FromWorker): void;
  exit(worker: PoolWorker, how: string): void;
}

/** Freed buffers go back to the system one by one; glibc else keeps them for the next clip. */
const workerEnv = { MALLOC_MMAP_THRESHOLD_: '32768' };

/** Starts a hot or cold worker on the device. */
export function startWorker(
  kind: WorkerKind,
  settings: SpeechSettings,
  device: DeviceAccess,
  events: WorkerEvents,
): PoolWorker {
  const setup: WorkerSetup = {
    kind,
    device,
    loadMs: settings.coldStartMs,
    workerBytes: settings.workerBytes,
    bytesPerAudioMinute: settings.bytesPerAudioMinute,
    audioSecondsPerSecond: settings.audioSecondsPerSecond,
    timeScale: settings.timeScale,
    weightsBytes: settings.weightsBytes,
    selfIdleMs: kind === 'cold' && settings.childrenEndThemselves ? settings.coldIdleMs : null,
  };
  const child = startChild(`services/speech/workers/${kind}`, [JSON.stringify(setup)], workerEnv);
  const worker: PoolWorker = {
    kind,
    child,
    state: 'loading',
    job: null,
    idleSinceMs: performance.now(),
    isGone: false,
  };
  child.onMessage((message) => events.message(worker, message as FromWorker));
  void child.exited.then((how) => events.exit(worker, how));
  return worker;
}

/** Anonymous bytes that the worker shows now; 0 for one that is gone, since it holds nothing. */
export function shownBytes(worker: PoolWorker): number {
  return worker.child.pid === null || worker.isGone ? 0 : (anonBytesOf(worker.child.pid) ?? 0);
}

/** What the worker will still take for its load and its clip; one that is gone takes nothing. */
export function notYetShownBytes(worker: PoolWorker, settings: SpeechSettings): number {
  if (worker.isGone) {
    return 0;
  }
  const expected = idleWorkerBytes(settings) + (worker.job === null ? 0 : clipBytes(settings, clipOf(worker.job)));
  return Math.max(0, expected - shownBytes(worker));
}

/** The size of a job's clip, as the memory arithmetic takes it. */
export function clipOf(job: Job): { dataBytes: number; audioSeconds: number } {
  return { dataBytes: job.wav.dataBytes, audioSeconds: job.audioSeconds };
}
