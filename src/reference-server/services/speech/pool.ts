import type { DeviceHost } from '../../device/device.ts';
import { leastFree, readMemoryBounds } from '../../memory.ts';
import type { Job, JobOutcome, Route } from './job.ts';
import { clipOf, notYetShownBytes, type PoolWorker, shownBytes, startWorker } from './pool-worker.ts';
import {
  clipBytes,
  clipMayStart,
  coldTarget,
  emaOf,
  idleWorkerBytes,
  ramGateOpens,
  vramGateOpens,
} from './scheduler.ts';
import type { SpeechSettings } from './settings.ts';
import type { FromWorker, WorkerKind } from './workers/messages.ts';

/** Pause before a dead hot worker is replaced, so that one that cannot load does not spin. */
const respawnMs = 250;

/** Samples of an upload whose header is not read yet: 16 kHz of 16 bits. */
const assumedBytesPerSecond = 32_000;

/** What the pool must be told about the rest of the server. */
export interface PoolSurroundings {
  device: DeviceHost;
  /** Bytes announced by uploads under way: the largest of them, and those still to come. */
  uploads(): { largestBytes: number; pendingBytes: number };
  log(line: string): void;
}

export class Pool {
  readonly #settings: SpeechSettings;
  readonly #around: PoolSurroundings;
  readonly #queue: Job[] = [];
  readonly #workers = new Set<PoolWorker>();
  #isStopping = false;
  #secondsPerAudioSecond: number;
  #peakWorkerBytes: number | null = null;
  coldSpawned = 0;
  ramVetoes = 0;

  constructor(settings: SpeechSettings, around: PoolSurroundings) {
    this.#settings = settings;
    this.#around = around;
    this.#secondsPerAudioSecond = settings.timeScale / settings.audioSecondsPerSecond;
    this.#start('hot');
  }

  get queueDepth(): number {
    return this.#queue.length;
  }

  get queueAudioSeconds(): number {
    return this.#queue.reduce((sum, job) => sum + job.audioSeconds, 0);
  }

  /** Seconds of work per second of audio, averaged over the hot worker's clips. */
  get hotEmaSps(): number {
    return this.#secondsPerAudioSecond;
  }

  get isHotReady(): boolean {
    return [...this.#workers].some((worker) => worker.kind === 'hot' && worker.state === 'ready');
  }

  coldCount(state: PoolWorker['state']): number {
    return [...this.#workers].filter((worker) => worker.kind === 'cold' && worker.state === state).length;
  }

  /** False if the clip would not fit even if it were alone. */
  fitsAlone(clip: { dataBytes: number; audioSeconds: number }): boolean {
    const free = this.#settings.hasRamGate ? leastFree(readMemoryBounds()) : null;
    if (free === null) {
      return true;
    }
    const idleBytes = idleWorkerBytes(this.#settings);
    const returningBytes = [...this.#workers].reduce((sum, w) => sum + Math.max(0, shownBytes(w) - idleBytes), 0);
    return clipBytes(this.#settings, clip) <= free.spareBytes + returningBytes;
  }

  submit(job: Job): void {
    this.#queue.push(job);
    this.#dispatch();
  }

  /** Forgets a job whose client is gone; its outcome no longer matters. */
  cancel(job: Job): void {
    const waiting = this.#queue.indexOf(job);
    if (waiting >= 0) {
      this.#queue.splice(waiting, 1);
    }
    const holder = [...this.#workers].find((worker) => worker.job === job);
    holder?.child.send({ type: 'cancel', id: job.id });
  }

  /** One turn of the manager: at most one cold worker more, idle ones past their time end. */
  manage(): void {
    if (this.#isStopping) {
      return;
    }
    const { poolSize, coldStartMs } = this.#settings;
    const living = this.coldCount('loading') + this.coldCount('ready');
    const target = coldTarget(this.queueAudioSeconds, this.#secondsPerAudioSecond, coldStartMs, poolSize);
    if (living < target && this.#gatesOpen()) {
      this.#start('cold');
      this.coldSpawned += 1;
    }
    this.#endIdle();
    this.#dispatch();
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    const workers = [...this.#workers];
    for (const worker of workers) {
      worker.child.end();
    }
    const forced = setTimeout(() => {
      for (const worker of workers) {
        worker.child.end('force');
      }
    }, graceMs);
    await Promise.all(workers.map((worker) => worker.child.exited));
    clearTimeout(forced);
  }

  #gatesOpen(): boolean {
    const { weightsBytes, hasRamGate } = this.#settings;
    const { device } = this.#around;
    const loading = [...this.#workers].filter((worker) => worker.state === 'loading').length;
    if (!vramGateOpens(device.totals()?.freeBytes ?? null, weightsBytes + device.contextBytes, loading)) {
      return false;
    }
    if (!hasRamGate) {
      return true;
    }
    const uploads = this.#around.uploads();
    const opens = ramGateOpens({
      spareBytes: leastFree(readMemoryBounds())?.spareBytes ?? null,
      perWorkerBytes: Math.max(this.#peakWorkerBytes ?? 0, this.#worstWorkerBytes(uploads.largestBytes)),
      shownWorkerBytes: [...this.#workers].map(shownBytes),
      pendingUploadBytes: uploads.pendingBytes,
    });
    this.ramVetoes += opens ? 0 : 1;
    return opens;
  }

  /** A worker that holds the most costly clip that waits, or is being uploaded. */
  #worstWorkerBytes(largestUploadBytes: number): number {
    const coming = { dataBytes: largestUploadBytes, audioSeconds: largestUploadBytes / assumedBytesPerSecond };
    const clips = [coming, ...this.#queue.map(clipOf)].map((clip) => clipBytes(this.#settings, clip));
    return idleWorkerBytes(this.#settings) + Math.max(...clips);
  }

  #endIdle(): void {
    const { poolSize, coldIdleMs, staggerMs } = this.#settings;
    const active = this.coldCount('ready');
    const timeoutMs = coldIdleMs + Math.max(0, poolSize - active) * staggerMs;
    for (const worker of this.#workers) {
      const isIdle = worker.kind === 'cold' && worker.state === 'ready' && worker.job === null;
      if (isIdle && performance.now() - worker.idleSinceMs >= timeoutMs) {
        worker.state = 'ending';
        worker.child.end();
      }
    }
  }

  #start(kind: WorkerKind): void {
    const worker = startWorker(kind, this.#settings, this.#around.device.access, {
      message: (sender, message) => this.#onMessage(sender, message),
      exit: (gone, how) => this.#onExit(gone, how),
    });
    this.#workers.add(worker);
  }

  #dispatch(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const worker = this.#freeWorker();
      if (worker === null || !this.#mayStart(next, worker)) {
        return;
      }
      this.#queue.shift();
      worker.job = next;
      worker.child.send({ type: 'job', id: next.id, path: next.path, wav: next.wav });
    }
  }

  #freeWorker(): PoolWorker | null {
    const free = [...this.#workers].filter((worker) => worker.state === 'ready' && worker.job === null);
    return free.find((worker) => worker.kind === 'hot') ?? free[0] ?? null;
  }

  #mayStart(job: Job, chosen: PoolWorker): boolean {
    if (!this.#settings.hasRamGate) {
      return true;
    }
    const workers = [...this.#workers];
    const othersBytes = workers.reduce((sum, w) => sum + (w === chosen ? 0 : notYetShownBytes(w, this.#settings)), 0);
    const needsBytes = notYetShownBytes({ ...chosen, job }, this.#settings);
    const running = workers.filter((worker) => worker.job !== null).length;
    return clipMayStart(needsBytes, othersBytes, leastFree(readMemoryBounds())?.spareBytes ?? null, running);
  }

  #onMessage(worker: PoolWorker, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        worker.state = 'ready';
        worker.idleSinceMs = performance.now();
        break;
      case 'done': {
        if (message.peakAnonBytes !== null) {
          this.#peakWorkerBytes = emaOf(this.#peakWorkerBytes, message.peakAnonBytes);
        }
        const job = this.#release(worker, message.id);
        if (job !== null && worker.kind === 'hot') {
          this.#secondsPerAudioSecond = emaOf(this.#secondsPerAudioSecond, message.workMs / 1000 / job.audioSeconds);
        }
        const route: Route = worker.kind === 'hot' ? 'HOT' : 'COLD-POOL';
        job?.settle({ ok: true, text: message.text, route });
        break;
      }
      case 'failed':
        this.#release(worker, message.id)?.settle(failure(message.code, message.message));
        break;
    }
    this.#dispatch();
  }

  #release(worker: PoolWorker, id: number): Job | null {
    const { job } = worker;
    if (job?.id !== id) {
      return null;
    }
    worker.job = null;
    worker.idleSinceMs = performance.now();
    return job;
  }

  #onExit(worker: PoolWorker, how: string): void {
    this.#workers.delete(worker);
    if (this.#isStopping) {
      return;
    }
    if (worker.state !== 'ending') {
      this.#around.log(`${worker.kind} worker ${worker.child.pid ?? 'unknown'} is gone: ${how}`);
    }
    worker.job?.settle(failure('worker_died', `The ${worker.kind} worker died during the job: ${how}.`));
    if (worker.kind === 'hot') {
      setTimeout(() => {
        if (!this.#isStopping) {
          this.#start('hot');
        }
      }, respawnMs);
    }
  }
}

function failure(code: string, message: string): JobOutcome {
  return { ok: false, status: 500, code, message };
}
