import { setMaxListeners } from 'node:events';
import type { EngineContext, EngineSession } from '../../model/engine.ts';
import { type ClosedRows, type OpenRows, retrySeqFrom } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { type Attempt, Exchange, unsentRecord } from './exchange.ts';
import { Lateness } from './lateness.ts';
import { openLine } from './line.ts';
import { Places } from './places.ts';
import { Room } from './room.ts';

/** A slot that cannot reach the server tries at most ten times per second. */
const backOffMs = 100;

/** A stage on the run's clock. */
interface Span {
  startMs: number;
  endMs: number;
}

/** An attempt under way. */
interface Sending {
  readonly startMs: number;
  letGoAtEnd(): void;
}

/** What carries attempts: a line to a server, or a model of one. `failure` is not null if our own code threw. */
export interface Sender {
  begin(attempt: Attempt, onEnd: (record: RequestRecord, failure: unknown) => void): Sending;
  close(): void;
}

/** One client of a closed stage, and the turn that it takes next. */
interface Slot {
  readonly rows: ClosedRows;
  readonly index: number;
  readonly untilMs: number;
  readonly room: Room;
  turn: number;
}

/** A first attempt, and what comes when neither it nor a retry of it is open any more. */
interface Served {
  attempt: Attempt;
  untilMs: number;
  room: Room;
  onEnd(this: void, record: RequestRecord): void;
}

function ignore(): void {
  // Nobody waits for a request of an open stage.
}

function hasLetGo(record: RequestRecord): boolean {
  return record.outcome === 'cancelled' && record.errorCode === 'abandoned';
}

class PacedSession implements EngineSession {
  readonly #context: EngineContext;
  readonly #sender: Sender;
  readonly #stopping = new AbortController();
  readonly #open = new Places<Sending>();
  readonly #lateness = new Lateness();
  #audioSeconds = 0;
  #planned = 0;
  #nextRetrySeq = retrySeqFrom;
  #failure: unknown = null;

  constructor(context: EngineContext, sender: Sender) {
    this.#context = context;
    this.#sender = sender;
    setMaxListeners(0, this.#stopping.signal);
  }

  async runStage(rows: Parameters<EngineSession['runStage']>[0], startMs: number, endMs: number): Promise<void> {
    if (rows.model === 'open') {
      await this.#runOpen(rows, { startMs, endMs });
    } else {
      await this.#runClosed(rows, startMs, endMs);
    }
    await this.#sleepUntil(endMs);
    this.#rethrow();
  }

  inFlight(): number {
    return this.#open.size;
  }

  planned(): number {
    return this.#planned;
  }

  audioSecondsInFlight(): number {
    return this.#open.size === 0 ? 0 : this.#audioSeconds;
  }

  latenessMs(): readonly number[] {
    return this.#lateness.ms();
  }

  /** It sends from this process. */
  ownCost(): null {
    return null;
  }

  stop(): void {
    this.#stopping.abort();
  }

  async close(): Promise<void> {
    this.stop();
    for (const sending of this.#open.held()) {
      sending.letGoAtEnd();
    }
    this.#sender.close();
    await Promise.resolve();
    this.#rethrow();
  }

  /** Absolute deadlines: a late timer sends everything that is due, and the plan stays where it was. */
  async #runOpen(rows: OpenRows, { startMs, endMs }: Span): Promise<void> {
    const room = new Room(rows.maxInFlight);
    this.#planned += rows.rows.length;
    for (const row of rows.rows) {
      const plannedMs = startMs + (row.plannedMs ?? 0);
      await this.#sleepUntil(plannedMs);
      const attempt = { row, plannedMs, attempt: 1, retryOf: null };
      if (this.#stopped) {
        this.#drop(attempt, 'run_stopped');
      } else if (room.enter()) {
        this.#serve({ attempt, untilMs: endMs, room, onEnd: ignore });
      } else {
        this.#drop(attempt, 'max_in_flight');
      }
    }
  }

  async #runClosed(rows: ClosedRows, startMs: number, endMs: number): Promise<void> {
    await this.#sleepUntil(startMs);
    for (let index = 0; index < rows.slots; index += 1) {
      const { fromMs, toMs } = rows.window(index);
      const slot: Slot = { rows, index, turn: 0, untilMs: Math.min(endMs, startMs + toMs), room: new Room(1) };
      this.#begin(slot, startMs + fromMs);
    }
  }

  #begin(slot: Slot, atMs: number): void {
    this.#sleepUntil(atMs)
      .then(() => this.#takeTurn(slot, this.#context.clock.nowMs()))
      .catch((failure: unknown) => this.#fail(failure));
  }

  /** Called by the end of the turn before: a promise for each request would cost more than to write its record. */
  #takeTurn(slot: Slot, nowMs: number): void {
    const { rows, index, untilMs, room } = slot;
    if (this.#stopped || nowMs >= untilMs) {
      return;
    }
    const row = rows.draw(index, slot.turn);
    if (row === null) {
      return;
    }
    slot.turn += 1;
    this.#planned += 1;
    room.enter();
    const attempt = { row, plannedMs: nowMs, attempt: 1, retryOf: null };
    this.#serve({ attempt, untilMs, room, onEnd: (record) => this.#endTurn(slot, nowMs, record) });
  }

  #endTurn(slot: Slot, turnMs: number, record: RequestRecord): void {
    const nowMs = this.#context.clock.nowMs();
    const thoughtMs = nowMs + slot.rows.thinkMs;
    const nextMs = record.status === null ? Math.max(thoughtMs, turnMs + backOffMs) : thoughtMs;
    if (nextMs > nowMs) {
      this.#begin(slot, Math.min(nextMs, slot.untilMs));
      return;
    }
    try {
      this.#takeTurn(slot, nowMs);
    } catch (failure: unknown) {
      this.#fail(failure);
    }
  }

  /**
   * One client: its request, and the same again for as often as it lets go and asks anew. Room is taken for the first
   * of them. No retry is planned for after the stage, so that what follows it is as quiet as it should be.
   */
  #serve(served: Served): void {
    const { attempt, room, onEnd } = served;
    const mayRetry = (attempt.row.client?.retries ?? 0) > 0;
    this.#send(attempt, room, mayRetry ? (record) => this.#retry(served, record) : onEnd);
  }

  #retry(served: Served, record: RequestRecord): void {
    this.#untilAnswered(served, record)
      .then(served.onEnd)
      .catch((failure: unknown) => this.#fail(failure));
  }

  async #untilAnswered(
    { attempt: { row, plannedMs: firstMs }, untilMs, room }: Served,
    first: RequestRecord,
  ): Promise<RequestRecord> {
    let record = first;
    for (let retry = 1; hasLetGo(record) && retry <= (row.client?.retries ?? 0); retry += 1) {
      const plannedMs = (record.endMs ?? firstMs) + (row.client?.retryPauseMs ?? 0);
      if (plannedMs >= untilMs) {
        break;
      }
      await this.#sleepUntil(plannedMs);
      if (this.#stopped) {
        break;
      }
      const again = { row: { ...row, seq: this.#nextRetrySeq }, plannedMs, attempt: retry + 1, retryOf: row.seq };
      this.#nextRetrySeq += 1;
      this.#planned += 1;
      if (!room.enter()) {
        this.#drop(again, 'max_in_flight');
        break;
      }
      record = await new Promise<RequestRecord>((resolve) => this.#send(again, room, resolve));
    }
    return record;
  }

  /** It has entered the room, and leaves it at its end. What our own code throws ends the stage. */
  #send(attempt: Attempt, room: Room, onEnd: (record: RequestRecord) => void): void {
    const audioSeconds = attempt.row.item.traits['audioSeconds'] ?? 0;
    try {
      const sending = this.#sender.begin(attempt, (record, failure) => {
        this.#open.leave(place);
        room.leave();
        this.#audioSeconds -= audioSeconds;
        this.#fail(failure);
        this.#context.onRecord(record);
        onEnd(record);
      });
      const place = this.#open.add(sending);
      this.#audioSeconds += audioSeconds;
      this.#lateness.add(sending.startMs - attempt.plannedMs);
    } catch (failure: unknown) {
      this.#fail(failure);
    }
  }

  #drop(attempt: Attempt, errorCode: string): void {
    this.#context.onRecord({ ...unsentRecord(attempt), errorCode });
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Timers may fire a fraction of a millisecond early; a request is never sent before it is planned. */
  async #sleepUntil(atMs: number): Promise<void> {
    while (!this.#stopped && this.#context.clock.nowMs() < atMs) {
      await this.#context.clock.sleepUntil(atMs, this.#stopping.signal);
    }
  }

  /** Our own bug: the stage ends, and its caller gets the first failure. */
  #fail(failure: unknown): void {
    if (failure !== null && this.#failure === null) {
      this.#failure = failure;
      this.stop();
    }
  }

  #rethrow(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) {
      throw failure instanceof Error ? failure : new Error(String(failure));
    }
  }
}

/** Paces what a sender carries: planned times, slots, retries, and the stop. */
export function pacedSession(context: EngineContext, sender: Sender): EngineSession {
  return new PacedSession(context, sender);
}

export function openSession(context: EngineContext): EngineSession {
  const line = openLine(context);
  return pacedSession(context, {
    begin: (attempt, onEnd) => new Exchange(attempt, line, onEnd),
    close: () => line.carrier.close(),
  });
}
