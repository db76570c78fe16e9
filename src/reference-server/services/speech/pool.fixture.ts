import { vi } from 'vitest';
import type { Knobs } from '../../../model/fault.ts';
import type { DeviceHost } from '../../device/device.ts';
import { knobValues } from '../../knobs.ts';
import { createJob, type Job, type JobOutcome } from './job.ts';
import { Pool } from './pool.ts';
import type { PoolWorker, startWorker, WorkerEvents } from './pool-worker.ts';
import { speechKnobs, speechSettings } from './settings.ts';
import type { WorkerKind } from './workers/messages.ts';

export const clipSeconds = 300;
/** Turns after which a test believes that a spin never ends. */
const endlessTurns = 1000;

const device = {
  access: { kind: 'virtual', socketPath: '', contextBytes: 0 },
  contextBytes: 0,
  totals: () => null,
} as unknown as DeviceHost;

export class EndlessSpin extends Error {}

interface FakeWorker {
  kind: WorkerKind;
  view: PoolWorker;
  events: WorkerEvents;
  sent: object[];
  ended: boolean;
}

/** A pool whose workers are puppets, and whose spin gives up. */
export class Stage {
  readonly workers: FakeWorker[] = [];
  readonly outcomes = new Map<number, JobOutcome>();
  readonly pool: Pool;
  turns = 0;
  #nextId = 1;

  constructor(knobs: Knobs) {
    const start: typeof startWorker = (kind, _settings, _device, events) => this.#start(kind, events);
    this.pool = new Pool(
      speechSettings(knobValues(speechKnobs, [{ 'ram-gate': false }, knobs], 1)),
      { device, uploads: () => ({ largestBytes: 0, pendingBytes: 0 }), log: () => undefined },
      { start, spin: { keptBytes: 0, turn: () => this.#turn() } },
    );
    this.ready('hot');
  }

  #start(kind: WorkerKind, events: WorkerEvents): PoolWorker {
    const child = {
      pid: null,
      send: (message: object) => worker.sent.push(message),
      onMessage: () => undefined,
      end: () => {
        worker.ended = true;
      },
      exited: Promise.resolve('exit code 0'),
    };
    const view: PoolWorker = {
      kind,
      child,
      state: 'loading',
      job: null,
      idleSinceMs: performance.now(),
      isGone: false,
    };
    const worker: FakeWorker = { kind, view, events, sent: [], ended: false };
    this.workers.push(worker);
    return view;
  }

  #turn(): void {
    this.turns += 1;
    if (this.turns > endlessTurns) {
      throw new EndlessSpin();
    }
  }

  of(kind: WorkerKind): FakeWorker[] {
    return this.workers.filter((worker) => worker.kind === kind);
  }

  ready(kind: WorkerKind): void {
    for (const worker of this.of(kind).filter(({ view }) => view.state === 'loading')) {
      worker.events.message(worker.view, { type: 'ready' });
    }
  }

  submit(): Job {
    const id = this.#nextId++;
    const wav = { dataOffset: 44, dataBytes: clipSeconds * 16_000, sampleRate: 8000 };
    const job = createJob(id, `/clip-${id}`, wav, (outcome) => this.outcomes.set(id, outcome));
    this.pool.submit(job);
    return job;
  }

  /** The worker answers the clip that it has. */
  answer(worker: FakeWorker | undefined): void {
    const id = worker?.view.job?.id;
    if (worker === undefined || id === undefined) {
      throw new Error('the worker has no clip');
    }
    const text = { text: '', isSilent: false, workMs: 10_000, peakAnonBytes: null };
    worker.events.message(worker.view, { type: 'done', id, ...text });
  }

  exit(worker: FakeWorker | undefined, how: string): void {
    worker?.events.exit(worker.view, how);
  }

  routes(): (string | number)[] {
    return [...this.outcomes.values()].map((outcome) => (outcome.ok ? outcome.route : outcome.status));
  }

  /** A burst that starts `cold` workers, all of it answered. */
  warm(cold: number): void {
    const jobs = Array.from({ length: 40 }, () => this.submit());
    for (let count = 0; count < cold; count += 1) {
      this.pool.manage();
    }
    jobs.forEach((job) => {
      this.pool.cancel(job);
    });
    this.answer(this.of('hot')[0]);
    this.ready('cold');
  }

  /** The children's idle time passes, the parent's does not; needs fake timers. */
  lull(): void {
    vi.advanceTimersByTime(65_000);
    for (const worker of this.of('cold')) {
      this.exit(worker, 'exit code 0');
    }
    this.pool.manage();
  }
}
