import type { Job } from '../../reference-server/services/speech/job.ts';
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
import { after, every, type SimContext } from './sim-service.ts';
import { SpeechWorkers, type Worker } from './speech-workers.ts';

const mib = 1024 ** 2;
const frontBytes = 68 * mib;
/** Of a limit, what the gates leave free. */
const headroomRatio = 0.25;
const spinStepMs = 100;
const sampleBytesPerSecond = 32_000;

/** The pool of the speech service: its queue, its lanes and its gates are the real ones; time and memory are modelled. */
export class SpeechPool {
  readonly settings: SpeechSettings;
  readonly #context: SimContext;
  readonly queue: WaitingQueue;
  readonly #front: SimProcess;
  readonly #workers: SpeechWorkers;
  #keptBytes = 0;
  isSpinning = false;
  spawned = 0;

  constructor(context: SimContext) {
    this.#context = context;
    this.settings = speechSettings(context.knobs);
    this.queue = new WaitingQueue(this.settings.hasBalancedGauge);
    this.#workers = new SpeechWorkers(context, this.settings, () => this.#dispatch());
    this.#front = context.host.spawn('ref-front', frontBytes, true);
    this.#front.work(0.02);
    this.#workers.addReady('hot');
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
    const holder = this.#workers.find((worker) => worker.job === job);
    if (holder !== undefined) {
      this.#workers.release(holder);
    }
  }

  coldCount(state: Worker['state']): number {
    return this.#workers.coldCount(state);
  }

  #manage(): boolean {
    if (this.#front.isGone) {
      return false;
    }
    this.#workers.endThemselves();
    if (this.isSpinning) {
      return true;
    }
    const living = this.coldCount('loading') + this.coldCount('ready');
    const { audioSecondsPerSecond, coldStartMs, poolSize } = this.settings;
    if (
      living < coldTarget(this.queue.audioSeconds, 1 / audioSecondsPerSecond, coldStartMs, poolSize) &&
      this.#hasRoom()
    ) {
      this.#workers.add('cold');
      this.spawned += 1;
    }
    this.#workers.endIdle();
    this.#dispatch();
    return true;
  }

  #hasRoom(): boolean {
    const { host } = this.#context;
    const { hasRamGate } = this.settings;
    const freeVramBytes = host.size.deviceBytes - host.deviceTreeBytes;
    if (!vramGateOpens(freeVramBytes, this.#workers.deviceBytesEach, this.coldCount('loading'))) {
      return false;
    }
    const longest = Math.max(0, ...this.queue.jobs.map((job) => this.#clipBytes(job)));
    return (
      !hasRamGate ||
      ramGateOpens({
        spareBytes: host.freeBytes() - headroomRatio * host.boundBytes(),
        perWorkerBytes: idleWorkerBytes(this.settings) + longest,
        shownWorkerBytes: this.#workers.all().map(({ process }) => process.anonBytes),
        pendingUploadBytes: 0,
      })
    );
  }

  #clipBytes({ audioSeconds }: Job): number {
    return clipBytes(this.settings, { dataBytes: audioSeconds * sampleBytesPerSecond, audioSeconds });
  }

  #dispatch(): void {
    while (!this.isSpinning && !this.#front.isGone) {
      const lanes = { hot: this.#workers.free('hot'), cold: this.#workers.free('cold') };
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
    const isAlone = this.#workers.all().every((worker) => worker.job === null);
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
    this.#workers.forget(worker);
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
    this.#workers.release(worker);
    if (!this.isSpinning) {
      const route = worker.kind === 'cold' ? 'COLD-POOL' : job.requeues > 0 ? 'COLD-POOL>HOT' : 'HOT';
      job.settle({ ok: true, text: '', route });
      this.#dispatch();
    }
  }

  #onKill(victim: SimProcess): void {
    const worker = this.#workers.lose(victim);
    if (worker === undefined) {
      return;
    }
    worker.job?.settle({ ok: false, status: 500, code: 'worker_died', message: '' });
    worker.job = null;
    if (worker.kind === 'hot') {
      this.#workers.add('hot');
    }
  }
}
