import { endChildren } from '../../children.ts';
import type { Job, JobOutcome, Route } from './job.ts';
import { nextMove } from './next-move.ts';
import { type PoolWorker, startWorker } from './pool-worker.ts';
import { type PoolSurroundings, Room } from './room.ts';
import { coldTarget, emaOf } from './scheduler.ts';
import type { SpeechSettings } from './settings.ts';
import { createSpin, type Spin } from './spin.ts';
import { WaitingQueue } from './waiting-queue.ts';
import type { FromWorker, WorkerKind } from './workers/messages.ts';

/** Pause before a dead hot worker is replaced, so that one that cannot load does not spin. */
const respawnMs = 250;

/** What a test of the pool replaces. */
export interface PoolParts {
  start: typeof startWorker;
  spin: Spin;
}

export class Pool {
  readonly #settings: SpeechSettings;
  readonly #around: PoolSurroundings;
  readonly #start: PoolParts['start'];
  readonly #spin: Spin;
  readonly #queue: WaitingQueue;
  readonly #room: Room;
  /** As the parent believes: one that ended by itself stays until it is found out. */
  readonly #workers = new Set<PoolWorker>();
  #isStopping = false;
  #secondsPerAudioSecond: number;
  coldSpawned = 0;
  /** Clips put back because the connection to their worker was lost. */
  requeued = 0;

  constructor(settings: SpeechSettings, around: PoolSurroundings, parts: Partial<PoolParts> = {}) {
    this.#settings = settings;
    this.#around = around;
    this.#start = parts.start ?? startWorker;
    this.#spin = parts.spin ?? createSpin(settings.spin);
    this.#queue = new WaitingQueue(settings.hasBalancedGauge);
    this.#room = new Room(settings, around, this.#workers);
    this.#secondsPerAudioSecond = settings.timeScale / settings.audioSecondsPerSecond;
    this.#add('hot');
  }

  get queueDepth(): number {
    return this.#queue.jobs.length;
  }

  get queueAudioSeconds(): number {
    return this.#queue.audioSeconds;
  }

  get ramVetoes(): number {
    return this.#room.ramVetoes;
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

  fitsAlone(clip: { dataBytes: number; audioSeconds: number }): boolean {
    return this.#room.fitsAlone(clip);
  }

  submit(job: Job): void {
    this.#queue.put(job);
    this.#dispatch();
  }

  /** Forgets a job whose client is gone; its outcome no longer matters. */
  cancel(job: Job): void {
    this.#queue.remove(job);
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
    if (living < target && this.#room.hasWorkerRoom(this.#queue.jobs)) {
      this.#add('cold');
      this.coldSpawned += 1;
    }
    this.#endIdle();
    this.#dispatch();
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await endChildren(
      [...this.#workers].map(({ child }) => child),
      graceMs,
    );
  }

  #endIdle(): void {
    const { poolSize, coldIdleMs, staggerMs } = this.#settings;
    const active = this.coldCount('ready');
    const timeoutMs = coldIdleMs + Math.max(0, poolSize - active) * staggerMs;
    for (const worker of this.#workers) {
      const isIdle = worker.kind === 'cold' && worker.state === 'ready' && worker.job === null;
      if (isIdle && performance.now() - worker.idleSinceMs >= timeoutMs) {
        if (worker.isGone) {
          this.#workers.delete(worker);
        } else {
          worker.state = 'ending';
          worker.child.end();
        }
      }
    }
  }

  #add(kind: WorkerKind): void {
    const worker = this.#start(kind, this.#settings, this.#around.device.access, {
      message: (sender, message) => this.#onMessage(sender, message),
      exit: (gone, how) => this.#onExit(gone, how),
    });
    this.#workers.add(worker);
  }

  #freeWorker(kind: WorkerKind): PoolWorker | undefined {
    return [...this.#workers].find((w) => w.kind === kind && w.state === 'ready' && w.job === null);
  }

  /**
   * Hands over what can be handed over. With skips that do not yield this never returns while a cold
   * lane is free and only clips that were put back wait: nothing can change until the event loop runs.
   */
  #dispatch(): void {
    for (;;) {
      const hot = this.#freeWorker('hot');
      const cold = this.#freeWorker('cold');
      const free = { hot: hot !== undefined, cold: cold !== undefined };
      const move = nextMove(this.#queue.jobs, free, this.#settings.skipYields);
      if (move.kind === 'skip') {
        this.#queue.remove(move.job);
        this.#spin.turn();
        this.#putBack(move.job);
        continue;
      }
      const worker = move.kind === 'hand-over' && move.lane === 'hot' ? hot : cold;
      if (move.kind === 'wait' || worker === undefined || !this.#room.hasClipRoom(move.job, worker)) {
        return;
      }
      this.#queue.remove(move.job);
      this.#handOver(worker, move.job);
    }
  }

  #handOver(worker: PoolWorker, job: Job): void {
    if (worker.isGone) {
      this.#loseConnection(worker, job);
      return;
    }
    worker.job = job;
    worker.child.send({ type: 'job', id: job.id, path: job.path, wav: job.wav });
  }

  #loseConnection(worker: PoolWorker, job: Job): void {
    this.#workers.delete(worker);
    this.#around.log(
      `Connection lost to ${worker.kind} worker ${worker.child.pid ?? 'unknown'}, clip ${job.id} re-queued`,
    );
    this.requeued += 1;
    this.#putBack(job);
  }

  #putBack(job: Job): void {
    const { retryCap } = this.#settings;
    if (retryCap > 0 && job.requeues >= retryCap) {
      job.settle(failure(503, 'worker_lost', `No worker took the clip, which was put back ${job.requeues} time(s).`));
      return;
    }
    job.requeues += 1;
    this.#queue.putBack(job);
  }

  #onMessage(worker: PoolWorker, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        worker.state = 'ready';
        worker.idleSinceMs = performance.now();
        break;
      case 'done': {
        if (message.peakAnonBytes !== null) {
          this.#room.notePeak(message.peakAnonBytes);
        }
        const job = this.#release(worker, message.id);
        if (job === null) {
          break;
        }
        if (worker.kind === 'hot') {
          this.#secondsPerAudioSecond = emaOf(this.#secondsPerAudioSecond, message.workMs / 1000 / job.audioSeconds);
        }
        const route = message.isSilent ? 'VAD-SKIP' : routeOf(worker.kind, job);
        job.settle({ ok: true, text: message.text, route });
        break;
      }
      case 'failed':
        this.#release(worker, message.id)?.settle(failure(500, message.code, message.message));
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
    const { job } = worker;
    worker.isGone = true;
    if (this.#settings.childrenEndThemselves && worker.state === 'ready' && how === 'exit code 0') {
      // A child's own end goes unseen, unless it crossed a clip on its way.
      if (job !== null && !this.#isStopping) {
        worker.job = null;
        this.#loseConnection(worker, job);
        this.#dispatch();
      }
      return;
    }
    this.#workers.delete(worker);
    if (this.#isStopping) {
      return;
    }
    if (worker.state !== 'ending') {
      this.#around.log(`${worker.kind} worker ${worker.child.pid ?? 'unknown'} is gone: ${how}`);
    }
    job?.settle(failure(500, 'worker_died', `The ${worker.kind} worker died during the job: ${how}.`));
    if (worker.kind === 'hot') {
      setTimeout(() => {
        if (!this.#isStopping) {
          this.#add('hot');
        }
      }, respawnMs);
    }
  }
}

function routeOf(kind: WorkerKind, job: Job): Route {
  if (kind === 'cold') {
    return 'COLD-POOL';
  }
  return job.requeues > 0 ? 'COLD-POOL>HOT' : 'HOT';
}

function failure(status: number, code: string, message: string): JobOutcome {
  return { ok: false, status, code, message };
}
