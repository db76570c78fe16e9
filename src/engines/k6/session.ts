import { BenchError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import type { EngineContext, EngineSession } from '../../model/engine.ts';
import type { PlanRow, StageRows } from '../../model/plan.ts';
import { Lateness } from '../native/lateness.ts';
import { type SessionParts, StageRun } from './stage-run.ts';

const lookEveryMs = 50;
/** Of the one second that closing may take. */
const interruptedForMs = 700;

class K6Session implements EngineSession {
  readonly #parts: SessionParts;
  readonly #runs: StageRun[] = [];
  readonly #stopping = new AbortController();
  readonly #lateness = new Lateness();
  #plannedOpen = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    makeFolder(parts.context.folder);
  }

  async runStage(rows: StageRows, startMs: number, endMs: number): Promise<void> {
    const { clock } = this.#parts.context;
    if (rows.model === 'open') {
      this.#plannedOpen += rows.rows.length;
    }
    const run = new StageRun(this.#parts, rows, {
      key: `s${this.#runs.length}`,
      durationMs: Math.max(0, endMs - startMs),
      onStart: (lateMs) => this.#lateness.add(lateMs),
    });
    this.#runs.push(run);
    const untilMs = (): number => run.untilMs(endMs);
    await Promise.race([run.start(this.#stopping.signal), this.#untilStopped()]);
    while (!this.#stopping.signal.aborted && clock.nowMs() < untilMs()) {
      await clock.sleepUntil(Math.min(untilMs(), clock.nowMs() + lookEveryMs), this.#stopping.signal);
      run.readCost();
    }
    if (this.#stopping.signal.aborted) {
      await this.#letGo([run]);
    }
    run.rethrow();
  }

  inFlight(): number {
    return this.#runs.reduce((sum, run) => sum + run.inFlight(), 0);
  }

  planned(): number {
    return this.#runs.reduce((sum, run) => sum + run.closedPlanned(), this.#plannedOpen);
  }

  audioSecondsInFlight(): number {
    const seconds = (row: PlanRow): number => row.item.traits['audioSeconds'] ?? 0;
    return this.#runs.flatMap((run) => [...run.open()]).reduce((sum, row) => sum + seconds(row), 0);
  }

  latenessMs(): readonly number[] {
    return this.#lateness.ms();
  }

  ownCost(): { rssBytes: number; cpuSeconds: number } {
    const costs = this.#runs.map((run) => run.readCost());
    return {
      rssBytes: costs.reduce((sum, cost) => sum + cost.rssBytes, 0),
      cpuSeconds: costs.reduce((sum, cost) => sum + cost.cpuSeconds, 0),
    };
  }

  /** k6 cannot end a test and leave its requests alone: what is open is cut and recorded with its age. */
  stop(): void {
    this.#stopping.abort();
    for (const run of this.#runs) {
      run.interrupt();
    }
  }

  async close(): Promise<void> {
    this.stop();
    await this.#letGo(this.#runs);
    for (const run of this.#runs) {
      run.rethrow();
    }
  }

  async #letGo(runs: readonly StageRun[]): Promise<void> {
    const { clock } = this.#parts.context;
    const gone = Promise.all(runs.map((run) => run.gone));
    const patience = new AbortController();
    const late = clock.sleepUntil(clock.nowMs() + interruptedForMs, patience.signal).then(() => {
      for (const run of patience.signal.aborted ? [] : runs) {
        run.kill();
      }
    });
    await gone;
    patience.abort();
    await late;
  }

  #untilStopped(): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
      }
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** Throws ENGINE_CANNOT_KEEP_PLAN for a reply that is to be streamed. */
export function openSession(context: EngineContext, k6Path: string): EngineSession {
  const { adapter, adapterOptions } = context;
  if (adapter.kind !== 'call') {
    throw new TypeError(`k6 cannot serve ${adapter.id}`);
  }
  if (adapterOptions.stream) {
    throw new BenchError(
      'ENGINE_CANNOT_KEEP_PLAN',
      'The engine k6 reads a reply only when it is whole, not a stream.',
      {
        hint: 'Use --engine native, or leave out --stream.',
      },
    );
  }
  return new K6Session({ context, judge: { adapter, options: adapterOptions }, k6Path });
}
