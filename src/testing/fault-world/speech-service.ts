import { createJob, type Job } from '../../reference-server/services/speech/job.ts';
import { nextMove } from '../../reference-server/services/speech/next-move.ts';
import {
  clipBytes,
  coldTarget,
  idleWorkerBytes,
  ramGateOpens,
  vramGateOpens,
} from '../../reference-server/services/speech/scheduler.ts';
import { type SpeechSettings, speechSettings } from '../../reference-server/services/speech/settings.ts';
import { WaitingQueue } from '../../reference-server/services/speech/waiting-queue.ts';
import type { SimProcess } from './sim-host.ts';
import {
  after,
  errorReply,
  every,
  okReply,
  plainService,
  type SimCall,
  type SimContext,
  type SimReply,
  type SimService,
} from './sim-service.ts';

const mib = 1024 ** 2;
const frontBytes = 68 * mib;
/** Of a limit, what the gates leave free. */
const headroomRatio = 0.25;
const loadSteps = 8;
const spinStepMs = 100;
/** What a socket buffer of loopback takes of a body that nobody reads. */
const unreadPerCallBytes = 128_195;
const sampleBytesPerSecond = 32_000;
/** Its length is told by the item. */
const emptyWav: Job['wav'] = { dataOffset: 44, dataBytes: 0, sampleRate: 16_000 };

interface Worker {
  kind: 'hot' | 'cold';
  process: SimProcess;
  state: 'loading' | 'ready' | 'ending';
  job: Job | null;
  idleSinceMs: number;
  /** The child has ended by itself, and the parent does not know. */
  isGone: boolean;
}

/** The pool of the speech service: its queue, its lanes and its gates are the real ones; time and memory are modelled. */
class SpeechPool {
  readonly settings: SpeechSettings;
  readonly #context: SimContext;
  readonly queue: WaitingQueue;
  readonly #front: SimProcess;
  readonly #workers = new Set<Worker>();
  readonly #contextBytes: number;
  #keptBytes = 0;
  isSpinning = false;
  spawned = 0;

  constructor(context: SimContext) {
    this.#context = context;
    this.settings = speechSettings(context.knobs);
    this.queue = new WaitingQueue(this.settings.hasBalancedGauge);
    this.#contextBytes = context.knobs.mib('context-mib');
    this.#front = context.host.spawn('ref-front', frontBytes, true);
    this.#front.work(0.02);
    const hot = this.#add('hot');
    hot.state = 'ready';
    context.host.hold(hot.process, idleWorkerBytes(this.settings) - hot.process.anonBytes);
    context.host.onKill = (victim) => this.#onKill(victim);
    void every(context.clock, context.knobs.scaledMs('manager-s'), () => this.#manage());
  }

  submit(job: Job): void {
    this.queue.put(job);
    this.#dispatch();
  }

  cancel(job: Job): void {
    if (this.isSpinning) {
      return;
    }
    this.queue.remove(job);
    const holder = [...this.#workers].find((worker) => worker.job === job);
    if (holder !== undefined) {
      this.#release(holder);
    }
  }

  coldCount(state: Worker['state']): number {
    return [...this.#workers].filter((worker) => worker.kind === 'cold' && worker.state === state).length;
  }

  #nowMs(): number {
    return this.#context.clock.nowMs();
  }

  #manage(): boolean {
    if (this.#front.isGone) {
      return false;
    }
    this.#endThemselves();
    if (this.isSpinning) {
      return true;
    }
    const living = this.coldCount('loading') + this.coldCount('ready');
    const { audioSecondsPerSecond, coldStartMs, poolSize } = this.settings;
    if (
      living < coldTarget(this.queue.audioSeconds, 1 / audioSecondsPerSecond, coldStartMs, poolSize) &&
      this.#hasRoom()
    ) {
      this.#add('cold');
      this.spawned += 1;
    }
    this.#endIdle();
    this.#dispatch();
    return true;
  }

  #hasRoom(): boolean {
    const { host } = this.#context;
    const { weightsBytes, hasRamGate } = this.settings;
    const freeVramBytes = host.size.deviceBytes - host.deviceTreeBytes;
    if (!vramGateOpens(freeVramBytes, weightsBytes + this.#contextBytes, this.coldCount('loading'))) {
      return false;
    }
    const longest = Math.max(0, ...this.queue.jobs.map((job) => this.#clipBytes(job)));
    return (
      !hasRamGate ||
      ramGateOpens({
        spareBytes: host.freeBytes() - headroomRatio * host.boundBytes(),
        perWorkerBytes: idleWorkerBytes(this.settings) + longest,
        shownWorkerBytes: [...this.#workers].map(({ process }) => process.anonBytes),
        pendingUploadBytes: 0,
      })
    );
  }

  #clipBytes({ audioSeconds }: Job): number {
    return clipBytes(this.settings, { dataBytes: audioSeconds * sampleBytesPerSecond, audioSeconds });
  }

  #add(kind: Worker['kind']): Worker {
    const { host, clock } = this.#context;
    const process = host.spawn(`ref-${kind}`, 8 * mib);
    host.deviceTreeBytes += this.settings.weightsBytes + this.#contextBytes;
    const worker: Worker = { kind, process, state: 'loading', job: null, idleSinceMs: clock.nowMs(), isGone: false };
    this.#workers.add(worker);
    if (kind === 'cold') {
      void this.#load(worker);
    }
    return worker;
  }

  async #load(worker: Worker): Promise<void> {
    const { clock, host } = this.#context;
    const stepBytes = (idleWorkerBytes(this.settings) - worker.process.anonBytes) / loadSteps;
    worker.process.work(0.5);
    for (let step = 0; step < loadSteps && !worker.process.isGone; step += 1) {
      await after(clock, this.settings.coldStartMs / loadSteps);
      host.hold(worker.process, stepBytes);
    }
    worker.process.work(0);
    worker.state = 'ready';
    worker.idleSinceMs = clock.nowMs();
    this.#dispatch();
  }

  #end(worker: Worker): void {
    if (!worker.process.isGone) {
      this.#context.host.end(worker.process);
      this.#context.host.deviceTreeBytes -= this.settings.weightsBytes + this.#contextBytes;
    }
  }

  #endThemselves(): void {
    const { childrenEndThemselves, coldIdleMs } = this.settings;
    for (const worker of this.#workers) {
      const isIdle = worker.kind === 'cold' && worker.state === 'ready' && worker.job === null && !worker.isGone;
      if (childrenEndThemselves && isIdle && this.#nowMs() - worker.idleSinceMs >= coldIdleMs) {
        worker.isGone = true;
        this.#end(worker);
      }
    }
  }

  #endIdle(): void {
    const { poolSize, coldIdleMs, staggerMs } = this.settings;
    const timeoutMs = coldIdleMs + Math.max(0, poolSize - this.coldCount('ready')) * staggerMs;
    for (const worker of this.#workers) {
      const isIdle = worker.kind === 'cold' && worker.state === 'ready' && worker.job === null;
      if (isIdle && this.#nowMs() - worker.idleSinceMs >= timeoutMs) {
        this.#workers.delete(worker);
        this.#end(worker);
      }
    }
  }

  #free(kind: Worker['kind']): Worker | undefined {
    return [...this.#workers].find((one) => one.kind === kind && one.state === 'ready' && one.job === null);
  }

  #dispatch(): void {
    while (!this.isSpinning && !this.#front.isGone) {
      const lanes = { hot: this.#free('hot'), cold: this.#free('cold') };
      const free = { hot: lanes.hot !== undefined, cold: lanes.cold !== undefined };
      const move = nextMove(this.queue.jobs, free, this.settings.skipYields);
      if (move.kind === 'skip') {
        this.#skip(move.job);
        continue;
      }
      const worker = move.kind === 'hand-over' ? lanes[move.lane] : undefined;
      if (move.kind === 'wait' || worker === undefined || !this.#mayStart(move.job)) {
        return;
      }
      this.queue.remove(move.job);
      this.#handOver(worker, move.job);
    }
  }

  /** A retry cap ends it; else the loop never runs again. */
  #skip(job: Job): void {
    const { retryCap } = this.settings;
    if (retryCap > 0 && job.requeues >= retryCap) {
      this.queue.remove(job);
      this.#lose(job);
      return;
    }
    this.isSpinning = true;
    this.#front.work(1);
    void every(this.#context.clock, spinStepMs, () => this.#spin());
  }

  #spin(): boolean {
    const { bytesPerSpin, spinsPerSecond, mostKeptBytes } = this.settings.spin;
    const bytes = Math.min(mostKeptBytes - this.#keptBytes, (bytesPerSpin * spinsPerSecond * spinStepMs) / 1000);
    this.#keptBytes += bytes;
    this.#context.host.hold(this.#front, bytes);
    return !this.#front.isGone;
  }

  #mayStart(job: Job): boolean {
    const { host } = this.#context;
    const isAlone = [...this.#workers].every((worker) => worker.job === null);
    const spareBytes = host.freeBytes() - headroomRatio * host.boundBytes();
    return !this.settings.hasRamGate || isAlone || this.#clipBytes(job) <= spareBytes;
  }

  #lose(job: Job): void {
    job.settle({ ok: false, status: 503, code: 'worker_lost', message: '' });
  }

  #handOver(worker: Worker, job: Job): void {
    if (!worker.isGone) {
      void this.#work(worker, job);
      return;
    }
    this.#workers.delete(worker);
    const { retryCap } = this.settings;
    if (retryCap > 0 && job.requeues >= retryCap) {
      this.#lose(job);
      return;
    }
    job.requeues += 1;
    this.queue.putBack(job);
  }

  async #work(worker: Worker, job: Job): Promise<void> {
    const { clock, host, random } = this.#context;
    worker.job = job;
    const bytes = this.#clipBytes(job);
    host.hold(worker.process, bytes);
    worker.process.work(0.3);
    await after(clock, (1000 * job.audioSeconds * (0.95 + 0.1 * random.real())) / this.settings.audioSecondsPerSecond);
    host.hold(worker.process, -bytes);
    if (this.#front.isGone || worker.job !== job) {
      return;
    }
    this.#release(worker);
    if (!this.isSpinning) {
      const route = worker.kind === 'cold' ? 'COLD-POOL' : job.requeues > 0 ? 'COLD-POOL>HOT' : 'HOT';
      job.settle({ ok: true, text: '', route });
      this.#dispatch();
    }
  }

  #release(worker: Worker): void {
    worker.job = null;
    worker.idleSinceMs = this.#nowMs();
    worker.process.work(0);
  }

  #onKill(victim: SimProcess): void {
    const worker = [...this.#workers].find(({ process }) => process === victim);
    if (worker === undefined) {
      return;
    }
    this.#workers.delete(worker);
    this.#context.host.deviceTreeBytes -= this.settings.weightsBytes + this.#contextBytes;
    worker.job?.settle({ ok: false, status: 500, code: 'worker_died', message: '' });
    worker.job = null;
    if (worker.kind === 'hot') {
      const again = this.#add('hot');
      void this.#load(again);
    }
  }
}

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
