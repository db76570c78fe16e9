import type { Job } from '../../reference-server/services/speech/job.ts';
import { idleWorkerBytes } from '../../reference-server/services/speech/scheduler.ts';
import type { SpeechSettings } from '../../reference-server/services/speech/settings.ts';
import type { SimProcess } from './sim-host.ts';
import { after, type SimContext } from './sim-service.ts';

const mib = 1024 ** 2;
const startBytes = 8 * mib;
const loadSteps = 8;

export interface Worker {
  kind: 'hot' | 'cold';
  process: SimProcess;
  state: 'loading' | 'ready' | 'ending';
  job: Job | null;
  idleSinceMs: number;
  /** The child has ended by itself, and the parent does not know. */
  isGone: boolean;
}

/** The children of the pool: their memory, their loading and their end. */
export class SpeechWorkers {
  readonly #context: SimContext;
  readonly #settings: SpeechSettings;
  readonly #onReady: () => void;
  readonly #workers = new Set<Worker>();
  /** What each takes of the card. */
  readonly deviceBytesEach: number;

  constructor(context: SimContext, settings: SpeechSettings, onReady: () => void) {
    this.#context = context;
    this.#settings = settings;
    this.#onReady = onReady;
    this.deviceBytesEach = settings.weightsBytes + context.knobs.mib('context-mib');
  }

  all(): readonly Worker[] {
    return [...this.#workers];
  }

  find(isWanted: (worker: Worker) => boolean): Worker | undefined {
    return this.all().find(isWanted);
  }

  coldCount(state: Worker['state']): number {
    return this.all().filter((worker) => worker.kind === 'cold' && worker.state === state).length;
  }

  free(kind: Worker['kind']): Worker | undefined {
    return this.find((one) => one.kind === kind && one.state === 'ready' && one.job === null);
  }

  addReady(kind: Worker['kind']): void {
    const { process } = this.#start(kind, 'ready');
    this.#context.host.hold(process, idleWorkerBytes(this.#settings) - process.anonBytes);
  }

  add(kind: Worker['kind']): void {
    void this.#load(this.#start(kind, 'loading'));
  }

  release(worker: Worker): void {
    worker.job = null;
    worker.idleSinceMs = this.#context.clock.nowMs();
    worker.process.work(0);
  }

  forget(worker: Worker): void {
    this.#workers.delete(worker);
  }

  /** The kernel killed it; undefined: it was none of these. */
  lose(victim: SimProcess): Worker | undefined {
    const worker = this.find(({ process }) => process === victim);
    if (worker !== undefined) {
      this.forget(worker);
      this.#context.host.deviceTreeBytes -= this.deviceBytesEach;
    }
    return worker;
  }

  endThemselves(): void {
    const { childrenEndThemselves, coldIdleMs } = this.#settings;
    for (const worker of this.#idle(coldIdleMs)) {
      if (childrenEndThemselves && !worker.isGone) {
        worker.isGone = true;
        this.#end(worker);
      }
    }
  }

  endIdle(): void {
    const { poolSize, coldIdleMs, staggerMs } = this.#settings;
    for (const worker of this.#idle(coldIdleMs + Math.max(0, poolSize - this.coldCount('ready')) * staggerMs)) {
      this.forget(worker);
      this.#end(worker);
    }
  }

  /** Cold ones without work for as long. */
  #idle(leastMs: number): readonly Worker[] {
    const sinceMs = this.#context.clock.nowMs() - leastMs;
    return this.all().filter(
      ({ kind, state, job, idleSinceMs }) =>
        kind === 'cold' && state === 'ready' && job === null && idleSinceMs <= sinceMs,
    );
  }

  #start(kind: Worker['kind'], state: Worker['state']): Worker {
    const { host, clock } = this.#context;
    const process = host.spawn(`ref-${kind}`, startBytes);
    host.deviceTreeBytes += this.deviceBytesEach;
    const worker: Worker = { kind, process, state, job: null, idleSinceMs: clock.nowMs(), isGone: false };
    this.#workers.add(worker);
    return worker;
  }

  async #load(worker: Worker): Promise<void> {
    const { clock, host } = this.#context;
    const stepBytes = (idleWorkerBytes(this.#settings) - worker.process.anonBytes) / loadSteps;
    worker.process.work(0.5);
    for (let step = 0; step < loadSteps && !worker.process.isGone; step += 1) {
      await after(clock, this.#settings.coldStartMs / loadSteps);
      host.hold(worker.process, stepBytes);
    }
    worker.process.work(0);
    worker.state = 'ready';
    worker.idleSinceMs = clock.nowMs();
    this.#onReady();
  }

  #end(worker: Worker): void {
    if (!worker.process.isGone) {
      this.#context.host.end(worker.process);
      this.#context.host.deviceTreeBytes -= this.deviceBytesEach;
    }
  }
}
