import { Dispatcher } from '../../reference-server/services/ingest/dispatcher.ts';
import {
  committedPlan,
  type Room,
  type TaskCost,
  throttledBatch,
} from '../../reference-server/services/ingest/plan.ts';
import { roomOf } from '../../reference-server/services/ingest/room.ts';
import { type IngestSettings, ingestSettings } from '../../reference-server/services/ingest/settings.ts';
import type { SimProcess } from './sim-host.ts';
import { after, every, okReply, type SimCall, type SimContext, type SimReply } from './sim-service.ts';

const mib = 1024 ** 2;
const frontBytes = 62 * mib;
const processBytes = 64 * mib;
const committedShareRatio = 0.7;
const probePlan = { loaders: 1, batch: 2, prefetch: 1 };
const throttleLookMs = 250;
/** 7 to 11 s for a batch of 24 in the incident. */
const loadMsPerImage = 360;
const ownDescriptors = 30;
/** float32 of three channels. */
const bytesPerPixel = 12;
const taskFailed: SimReply = { status: 200, outcome: 'semantic_error', errorCode: 'task_failed' };

interface Loader {
  process: SimProcess;
  isBusy: boolean;
  grants: number[];
  /** Places of a batch whose two buffers it keeps. */
  places: number;
}

interface Batch {
  loader: number;
  calls: readonly SimCall[];
  failed: number;
  bytes: number;
  pinnedBytes: number;
}

/** The pull worker: its plan, its dispatcher and its room are the real ones; downloads, shared memory and locks are modelled. */
export class SimIngest {
  readonly settings: IngestSettings;
  readonly #context: SimContext;
  readonly #front: SimProcess;
  readonly #ingest: SimProcess;
  readonly waiting: SimCall[] = [];
  readonly #loaders: Loader[] = [];
  readonly #queue: Batch[] = [];
  #dispatcher: Dispatcher | null = null;
  #isProbing = false;
  #isConsuming = false;
  #imageBytes: number | null = null;
  /** Grows with each start: what an earlier one left under way is nobody's. */
  #turn = 0;
  #stagedBytes = 0;
  reserved = 0;
  refusals = 0;

  constructor(context: SimContext) {
    this.#context = context;
    this.settings = ingestSettings(context.knobs);
    this.#front = context.host.spawn('ref-front', frontBytes, true);
    this.#front.work(0.02);
    this.#ingest = context.host.spawn('ref-ingest', processBytes);
    this.#ingest.fdLimit = this.settings.nofile;
    context.host.onKill = (victim) => this.#onKill(victim);
    void every(context.clock, this.settings.pollMs, () => {
      this.#begin();
      return !this.#front.isGone;
    });
    void every(context.clock, throttleLookMs, () => {
      this.#refill();
      return !this.#front.isGone;
    });
  }

  get shmBytes(): number {
    return this.settings.stage === 'shm' ? this.#stagedBytes : 0;
  }

  #begin(): void {
    if (this.#dispatcher !== null || this.waiting.length === 0 || this.#ingest.isGone) {
      return;
    }
    const { probesFirst, plan } = this.settings;
    this.#isProbing = probesFirst;
    this.#dispatcher = new Dispatcher(probesFirst ? probePlan : plan);
    this.#refill();
  }

  #cost(bytes: number): TaskCost {
    const shmBytes = this.settings.stage === 'shm' ? bytes : 0;
    return { queuedBytes: shmBytes, privateBytes: 2 * shmBytes, pinnedBytes: this.settings.pins ? bytes : 0 };
  }

  #room(shareRatio: number): Room {
    const { host } = this.#context;
    const bounds = [{ limitBytes: host.boundBytes(), freeBytes: host.freeBytes() }];
    return roomOf(bounds, null, shareRatio, this.shmBytes);
  }

  #batchSize(dispatcher: Dispatcher): number {
    const asked = dispatcher.plan.batch;
    const { throttleRatio } = this.settings;
    if (throttleRatio === 0) {
      return asked;
    }
    const { outstanding, unstagedTasks } = dispatcher;
    const cost = this.#imageBytes === null ? null : this.#cost(this.#imageBytes);
    return throttledBatch({ asked, cost, room: this.#room(throttleRatio), unstagedTasks, outstanding });
  }

  #refill(): void {
    const dispatcher = this.#dispatcher;
    while (dispatcher !== null && !(this.#isProbing && dispatcher.outstanding > 0)) {
      const grant = dispatcher.next(() => this.#batchSize(dispatcher));
      if (grant === null) {
        return;
      }
      const loader = this.#loader(grant.loader);
      loader.grants.push(grant.tasks);
      void this.#load(grant.loader, loader);
    }
  }

  #loader(index: number): Loader {
    while (this.#loaders.length <= index) {
      const process = this.#context.host.spawn('ref-loader', processBytes);
      process.fdLimit = this.settings.nofile;
      this.#loaders.push({ process, isBusy: false, grants: [], places: 0 });
    }
    return this.#loaders[index] as Loader;
  }

  async #load(index: number, loader: Loader): Promise<void> {
    if (loader.isBusy) {
      return;
    }
    loader.isBusy = true;
    const turn = this.#turn;
    for (let tasks = loader.grants.shift(); tasks !== undefined; tasks = loader.grants.shift()) {
      const calls = this.waiting.splice(0, tasks);
      for (const call of calls) {
        call.fetched();
      }
      this.reserved += calls.length;
      if (calls.length === 0) {
        this.#dispatcher?.dry(index);
        this.#endIfOver();
        continue;
      }
      const batch = await this.#stage(index, loader, calls, turn);
      if (batch === null) {
        return;
      }
      this.#queue.push(batch);
      this.#dispatcher?.staged(index);
      void this.#consume();
      this.#refill();
    }
    loader.isBusy = false;
  }

  /** null: the job ended under it. */
  async #stage(index: number, loader: Loader, calls: readonly SimCall[], turn: number): Promise<Batch | null> {
    const { clock, host, random } = this.#context;
    const { stage, pins, keptSockets } = this.settings;
    let bytes = 0;
    let failed = 0;
    loader.process.work(0.6);
    for (const [place, { item }] of calls.entries()) {
      await after(clock, loadMsPerImage * (0.8 + 0.4 * random.real()));
      if (this.#turn !== turn || loader.process.isGone) {
        return null;
      }
      const sockets = keptSockets ?? 0;
      if (loader.process.fds + sockets > loader.process.fdLimit) {
        loader.process.fds = loader.process.fdLimit;
        this.refusals += 1;
        failed += 1;
        continue;
      }
      loader.process.fds += sockets;
      const imageBytes = bytesPerPixel * (item.traits['pixels'] ?? 0);
      this.#imageBytes = Math.max(this.#imageBytes ?? 0, imageBytes);
      bytes += imageBytes;
      if (stage === 'shm' && place >= loader.places) {
        loader.places = place + 1;
        host.hold(loader.process, 2 * imageBytes);
      }
    }
    loader.process.work(0.05);
    this.#stagedBytes += bytes;
    if (stage === 'shm') {
      host.holdShm(bytes);
    }
    const pinnedBytes = pins && !this.#ingest.isGone ? bytes : 0;
    this.#ingest.lockedBytes += pinnedBytes;
    host.hold(this.#ingest, pinnedBytes);
    return this.#turn === turn ? { loader: index, calls, failed, bytes, pinnedBytes } : null;
  }

  async #consume(): Promise<void> {
    const turn = this.#turn;
    if (this.#isConsuming) {
      return;
    }
    this.#isConsuming = true;
    for (let batch = this.#queue.shift(); batch !== undefined; batch = this.#queue.shift()) {
      this.#unpin(batch);
      this.#dispatcher?.consumed(batch.loader);
      this.#refill();
      const startedMs = this.#context.clock.nowMs();
      await after(this.#context.clock, (batch.calls.length - batch.failed) * this.settings.inferMs);
      if (this.#turn !== turn) {
        return;
      }
      this.#post(batch);
      this.#drop(batch);
      if (this.#isProbing) {
        this.#commit((this.#context.clock.nowMs() - startedMs) / batch.calls.length);
      }
      this.#refill();
    }
    this.#isConsuming = false;
    this.#endIfOver();
  }

  #commit(inferMs: number): void {
    const cost = this.#cost(this.#imageBytes ?? 0);
    const room = this.#room(committedShareRatio);
    this.#isProbing = false;
    if (this.#dispatcher !== null) {
      this.#dispatcher.plan = committedPlan(this.settings.plan, { cost, loadMs: loadMsPerImage, inferMs }, room);
    }
  }

  #post({ calls, failed }: Batch): void {
    this.reserved -= calls.length;
    for (const [index, call] of calls.entries()) {
      call.answer(index < calls.length - failed ? okReply : taskFailed);
    }
  }

  #unpin(batch: Batch): void {
    this.#ingest.lockedBytes = Math.max(0, this.#ingest.lockedBytes - batch.pinnedBytes);
    this.#context.host.hold(this.#ingest, -batch.pinnedBytes);
    batch.pinnedBytes = 0;
  }

  #drop({ bytes, loader, calls, failed }: Batch): void {
    const { keptSockets, stage } = this.settings;
    this.#stagedBytes -= bytes;
    if (stage === 'shm') {
      this.#context.host.holdShm(-bytes);
    }
    const owner = this.#loaders[loader]?.process;
    if (owner !== undefined) {
      owner.fds = Math.max(ownDescriptors, owner.fds - (keptSockets ?? 0) * (calls.length - failed));
    }
  }

  #endIfOver(): void {
    if (this.#dispatcher?.isOver === true && this.#queue.length === 0 && !this.#isConsuming) {
      this.#endJob();
    }
  }

  /** Loaders go, and all that is staged. */
  #endJob(): void {
    const { host } = this.#context;
    this.#turn += 1;
    this.#dispatcher = null;
    this.#isConsuming = false;
    for (const batch of this.#queue.splice(0)) {
      this.#unpin(batch);
    }
    for (const { process } of this.#loaders.splice(0)) {
      host.end(process);
    }
    host.holdShm(-this.shmBytes);
    this.#stagedBytes = 0;
  }

  #onKill(victim: SimProcess): void {
    if (victim === this.#ingest || this.#loaders.some(({ process }) => process === victim)) {
      this.#endJob();
    }
  }
}
