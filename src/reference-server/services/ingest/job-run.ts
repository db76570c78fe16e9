import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, systemCodeOf } from '../../../base/errors.ts';
import type { DeviceContext } from '../../device/device.ts';
import { type Consumer, failureOf } from './consumer.ts';
import { Dispatcher } from './dispatcher.ts';
import { type HeldBatch, HeldBatches, stagedBytesOf } from './held-batches.ts';
import type { JobClient, TaskResult } from './job-client.ts';
import { LoaderPool } from './loader-pool.ts';
import { whyNotLockable } from './pinning.ts';
import { committedPlan, type TaskCost, throttledBatch } from './plan.ts';
import { readRoom } from './room.ts';
import type { IngestSetup } from './settings.ts';
import type { Batch, FromLoader, IngestState } from './workers/messages.ts';

/** Share of the limit that a committed plan fills. */
const committedShareRatio = 0.7;
const probeTasks = 2;
const throttleLookMs = 250;
const postTries = 3;

/** What to do about a refusal of the system, by its code. */
const hints: Readonly<Record<string, string>> = {
  EMFILE: 'Raise --knob nofile.',
  ENOSPC: 'A mapped file would have been a SIGBUS. Take --knob stage=disk, a smaller batch or a larger /dev/shm.',
};

/** It cannot be done as it was asked for, and trying again would not help. */
export class UnableError extends Error {}

/** What a job run uses and what it counts in. */
export interface JobSurroundings {
  setup: IngestSetup;
  client: JobClient;
  context: DeviceContext;
  consumer: Consumer;
  state: IngestState;
  log(line: string): void;
}

/** One job from its first task to its last result. */
export class JobRun {
  readonly #jobId: number;
  readonly #around: JobSurroundings;
  readonly #dispatcher: Dispatcher;
  readonly #loaders: LoaderPool;
  readonly #batches: HeldBatches;
  readonly #queue: HeldBatch[] = [];
  #isProbing: boolean;
  /** Of the largest staged image so far; null before the first. */
  #largestBytes: number | null = null;
  #failure: unknown = null;
  #wake: () => void = () => undefined;
  #isEnding = false;

  constructor(jobId: number, around: JobSurroundings) {
    const { setup, context, state } = around;
    this.#jobId = jobId;
    this.#around = around;
    this.#isProbing = setup.probesFirst;
    const probePlan = { loaders: 1, batch: probeTasks, prefetch: 1 };
    this.#dispatcher = new Dispatcher(setup.probesFirst ? probePlan : setup.plan);
    this.#loaders = new LoaderPool(
      { ...setup, jobId },
      {
        message: (loader, message) => void this.#onMessage(loader, message).catch((error) => this.#fail(error)),
        died: (loader, how) => this.#fail(new Error(`loader ${loader} ended in mid-job: ${how}`)),
      },
    );
    this.#batches = new HeldBatches(context, state, setup.stage);
    state.plan = this.#dispatcher.plan;
  }

  get loaderPids(): number[] {
    return this.#loaders.pids;
  }

  /** Rejects if a loader dies or the job API no longer answers; its loaders and its files are gone afterwards. */
  async run(): Promise<void> {
    const looking = setInterval(() => this.#refill(), throttleLookMs);
    try {
      this.#refill();
      for (let held = await this.#next(); held !== null; held = await this.#next()) {
        await this.#finish(held);
      }
    } finally {
      clearInterval(looking);
      await this.#end();
    }
  }

  async #next(): Promise<HeldBatch | null> {
    for (;;) {
      if (this.#failure !== null) {
        throw this.#failure as Error;
      }
      const held = this.#queue.shift();
      if (held !== undefined) {
        return held;
      }
      if (this.#dispatcher.isOver) {
        return null;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Inference, results, and the end of the batch; its place in the queue is free from the start. */
  async #finish(held: HeldBatch): Promise<void> {
    const { batch } = held;
    await this.#batches.take(held);
    this.#dispatcher.consumed(batch.loader);
    this.#refill();
    const startedMs = performance.now();
    const results = await this.#around.consumer.consume(batch.images);
    const inferMs = (performance.now() - startedMs) / batch.images.length;
    await this.#post([...results, ...batch.failed.map(failureOf)]);
    await this.#batches.drop(held);
    this.#loaders.tell(batch.loader, { type: 'consumed', batch: batch.id });
    if (this.#isProbing && batch.images.length > 0) {
      this.#commit(batch.loadMs / batch.images.length, inferMs);
    }
    this.#refill();
  }

  #commit(loadMs: number, inferMs: number): void {
    const { setup, state, log } = this.#around;
    const room = readRoom(setup.folder, committedShareRatio, 0);
    const plan = committedPlan(setup.plan, { cost: this.#cost(this.#largestBytes ?? 0), loadMs, inferMs }, room);
    this.#isProbing = false;
    this.#dispatcher.plan = plan;
    state.plan = plan;
    log(
      `two tasks took ${Math.round(loadMs)} ms to load and ${Math.round(inferMs)} ms to infer each, so: loaders ${plan.loaders}, batch ${plan.batch}, prefetch ${plan.prefetch}`,
    );
  }

  #cost(bytes: number): TaskCost {
    const { stage, pins } = this.#around.setup;
    const shmBytes = stage === 'shm' ? bytes : 0;
    return { queuedBytes: shmBytes, privateBytes: 2 * shmBytes, pinnedBytes: pins ? bytes : 0 };
  }

  #batchSize(): number {
    const { setup, state } = this.#around;
    const asked = this.#dispatcher.plan.batch;
    if (setup.throttleRatio === 0) {
      return asked;
    }
    const { outstanding, unstagedTasks } = this.#dispatcher;
    const cost = this.#largestBytes === null ? null : this.#cost(this.#largestBytes);
    const room = readRoom(setup.folder, setup.throttleRatio, state.shmBytes);
    const tasks = throttledBatch({ asked, cost, room, unstagedTasks, outstanding });
    state.throttled += tasks < asked ? 1 : 0;
    return tasks;
  }

  #refill(): void {
    while (!this.#isEnding && !(this.#isProbing && this.#dispatcher.outstanding > 0)) {
      const grant = this.#dispatcher.next(() => this.#batchSize());
      if (grant === null) {
        return;
      }
      this.#loaders.tell(grant.loader, { type: 'grant', tasks: grant.tasks });
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }

  async #onMessage(loader: number, message: FromLoader): Promise<void> {
    switch (message.type) {
      case 'taken':
        this.#around.state.tasksTaken += message.tasks;
        return;
      case 'refused':
        this.#refused(message.code, message.message);
        return;
      case 'none':
        this.#dispatcher.dry(loader);
        this.#wake();
        return;
      case 'batch':
        await this.#enqueue(message.batch);
        return;
    }
  }

  async #enqueue(batch: Batch): Promise<void> {
    const { pins } = this.#around.setup;
    this.#checkLock(batch);
    const held = await this.#batches.hold(batch, pins, (error) =>
      this.#refused(systemCodeOf(error) ?? 'UNKNOWN', messageOf(error)),
    );
    if (batch.images.length > 0) {
      this.#largestBytes = Math.max(this.#largestBytes ?? 0, ...batch.images.map(({ sizeBytes }) => sizeBytes));
    }
    this.#dispatcher.staged(batch.loader);
    this.#queue.push(held);
    this.#wake();
    this.#refill();
  }

  /** A full queue is what must be lockable: half of it would only fail later. */
  #checkLock(batch: Batch): void {
    const { loaders, prefetch } = this.#dispatcher.plan;
    const why = this.#around.setup.pins ? whyNotLockable(loaders * prefetch * stagedBytesOf(batch)) : null;
    if (why !== null) {
      throw new UnableError(why);
    }
  }

  #refused(code: string, message: string): void {
    const { state, log } = this.#around;
    const before = state.refusals[code] ?? 0;
    state.refusals = { ...state.refusals, [code]: before + 1 };
    if (before === 0) {
      log(`the system refused: ${message}. ${hints[code] ?? ''}`);
    }
  }

  async #post(results: readonly TaskResult[]): Promise<void> {
    const { client, state, log } = this.#around;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.post(this.#jobId, results);
        state.resultsPosted += results.length;
        state.failuresPosted += results.filter(({ result }) => 'error' in result).length;
        return;
      } catch (error) {
        if (attempt === postTries) {
          state.resultsLost += results.length;
          log(`${results.length} results were lost: ${messageOf(error)}`);
          return;
        }
      }
    }
  }

  async #end(): Promise<void> {
    this.#isEnding = true;
    await this.#loaders.end();
    for (const held of this.#queue.splice(0)) {
      await this.#batches.take(held);
      await this.#batches.drop(held);
    }
    // A loader that was killed leaves files that no queue knows.
    const { folder } = this.#around.setup;
    for (const name of readdirSync(folder)) {
      rmSync(join(folder, name), { force: true });
    }
  }
}
