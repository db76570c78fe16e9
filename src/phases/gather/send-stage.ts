import type { Clock } from '../../base/clock.ts';
import type { EngineSession } from '../../model/engine.ts';
import type { StageRows } from '../../model/plan.ts';
import type { Stage } from '../../model/profile.ts';
import { requestCount } from '../plan/rates.ts';
import type { LoadControl } from './load-control.ts';
import type { Recorder } from './recorder.ts';

const lookEveryMs = 50;
/** A stage that is over before its time lasts two samples more, so that what it did to memory is seen in it (PROTOCOL 3.2.1). */
const lingerMs = 2000;

/** The rows as they are, and whether the engine has taken the last of them. */
function watchDraws(rows: StageRows, session: EngineSession): { rows: StageRows; isAllTaken: () => boolean } {
  if (rows.model === 'open') {
    const planned = session.planned() + rows.rows.length;
    return { rows, isAllTaken: () => session.planned() >= planned };
  }
  const done = new Set<number>();
  const draw: typeof rows.draw = (slot, turn) => {
    const row = rows.draw(slot, turn);
    if (row === null) {
      done.add(slot);
    }
    return row;
  };
  return { rows: { ...rows, draw }, isAllTaken: () => done.size === rows.slots };
}

interface StageSenderOptions {
  session: EngineSession;
  recorder: Pick<Recorder, 'recorded'>;
  clock: Clock;
  control: Pick<LoadControl, 'signal'>;
}

/** Sends stages one after the other. */
export class StageSender {
  readonly #session: EngineSession;
  readonly #recorder: Pick<Recorder, 'recorded'>;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #failures: unknown[] = [];

  constructor({ session, recorder, clock, control }: StageSenderOptions) {
    this.#session = session;
    this.#recorder = recorder;
    this.#clock = clock;
    this.#signal = control.signal;
  }

  /**
   * Resolves at the stage's end. One with a known number of requests is over once all are answered, whatever is left
   * of its time: the engine may then go on waiting for its end, and sends nothing. How many retries there will be is
   * not known, so that a stage with retries takes its time.
   */
  async send(stage: Stage, rows: StageRows, startMs: number): Promise<void> {
    const endMs = startMs + stage.durationMs;
    const isCounted = stage.load !== null && requestCount(stage.load) !== null && (stage.client?.retries ?? 0) === 0;
    const watched = watchDraws(rows, this.#session);
    const sent = this.#session.runStage(watched.rows, startMs, endMs).catch((failure: unknown) => {
      this.#failures.push(failure);
    });
    if (isCounted) {
      await Promise.race([sent, this.#untilAnswered(watched.isAllTaken, endMs)]);
    }
    // After a stop the engine still has to say what it did not send.
    if (!isCounted || this.#signal.aborted) {
      await sent;
    }
    if (this.#failures.length > 0) {
      throw this.#failures[0];
    }
  }

  /** By the records and not by what is in flight: a request that is due and not yet sent is neither. */
  async #untilAnswered(isAllTaken: () => boolean, endMs: number): Promise<void> {
    const isAnswered = (): boolean => isAllTaken() && this.#recorder.recorded >= this.#session.planned();
    while (!isAnswered() && !this.#isOver(endMs)) {
      await this.#clock.sleepUntil(Math.min(endMs, this.#clock.nowMs() + lookEveryMs), this.#signal);
    }
    await this.#clock.sleepUntil(Math.min(endMs, this.#clock.nowMs() + lingerMs), this.#signal);
  }

  #isOver(endMs: number): boolean {
    return this.#clock.nowMs() >= endMs || this.#signal.aborted;
  }
}
