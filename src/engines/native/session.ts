import { setMaxListeners } from 'node:events';
import type { EngineContext, EngineSession } from '../../model/engine.ts';
import { type ClosedRows, type OpenRows, retrySeqFrom } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { type Attempt, Exchange, unsentRecord } from './exchange.ts';
import { openLine } from './line.ts';

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

/**
 * What is in flight, each in a place that is used again. Not a Set: one that is added to and taken from without end
 * leaves behind old tables, which hold dead requests until the next full collection.
 */
class InFlight {
  readonly #places: (Sending | null)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.length - this.#free.length;
  }

  /** The place of it. */
  add(sending: Sending): number {
    const place = this.#free.pop();
    if (place === undefined) {
      return this.#places.push(sending) - 1;
    }
    this.#places[place] = sending;
    return place;
  }

  leave(place: number): void {
    this.#places[place] = null;
    this.#free.push(place);
  }

  letGoAtEnd(): void {
    for (const sending of this.#places) {
      sending?.letGoAtEnd();
    }
  }
}

/** How many requests of a stage may be open at once. */
class Room {
  readonly #most: number;
  #open = 0;

  constructor(most: number) {
    this.#most = most;
  }

  enter(): boolean {
    const hasRoom = this.#open < this.#most;
    this.#open += hasRoom ? 1 : 0;
    return hasRoom;
  }

  leave(): void {
    this.#open -= 1;
  }
}

function hasLetGo(record: RequestRecord): boolean {
  return record.outcome === 'cancelled' && record.errorCode === 'abandoned';
}

class PacedSession implements EngineSession {
  readonly #context: EngineContext;
  readonly #sender: Sender;
  readonly #stopping = new AbortController();
  readonly #open = new InFlight();
  readonly #lateness: number[] = [];
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
    return this.#lateness;
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
    this.#open.letGoAtEnd();
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
        this.#serve(attempt, endMs, room).catch((failure: unknown) => this.#fail(failure));
      } else {
        this.#drop(attempt, 'max_in_flight');
      }
    }
  }

  async #runClosed(rows: ClosedRows, startMs: number, endMs: number): Promise<void> {
    await this.#sleepUntil(startMs);
    for (let slot = 0; slot < rows.slots; slot += 1) {
      this.#runSlot(rows, slot, { startMs, endMs }).catch((failure: unknown) => this.#fail(failure));
    }
  }

  async #runSlot(rows: ClosedRows, slot: number, { startMs, endMs }: Span): Promise<void> {
    const { clock } = this.#context;
    const window = rows.window(slot);
    const untilMs = Math.min(endMs, startMs + window.toMs);
    const room = new Room(1);
    await this.#sleepUntil(startMs + window.fromMs);
    for (let turn = 0, nowMs = clock.nowMs(); !this.#stopped && nowMs < untilMs; turn += 1) {
      const row = rows.draw(slot, turn);
      if (row === null) {
        return;
      }
      const turnMs = clock.nowMs();
      this.#planned += 1;
      room.enter();
      const record = await this.#serve({ row, plannedMs: turnMs, attempt: 1, retryOf: null }, untilMs, room);
      nowMs = clock.nowMs();
      const thoughtMs = nowMs + rows.thinkMs;
      const nextMs = record.status === null ? Math.max(thoughtMs, turnMs + backOffMs) : thoughtMs;
      if (nextMs > nowMs) {
        await this.#sleepUntil(Math.min(nextMs, untilMs));
        nowMs = clock.nowMs();
      }
    }
  }

  /**
   * One client: its request, and the same again for as often as it lets go and asks anew. Room is taken for the first
   * of them. No retry is planned for after the stage, so that what follows it is as quiet as it should be.
   */
  #serve(first: Attempt, untilMs: number, room: Room): Promise<RequestRecord> {
    const sent = this.#send(first, room);
    return (first.row.client?.retries ?? 0) === 0 ? sent : this.#retry(first, sent, untilMs, room);
  }

  async #retry(
    { row, plannedMs: firstMs }: Attempt,
    sent: Promise<RequestRecord>,
    untilMs: number,
    room: Room,
  ): Promise<RequestRecord> {
    let record = await sent;
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
      record = await this.#send(again, room);
    }
    return record;
  }

  /** It has entered the room, and leaves it at its end. */
  #send(attempt: Attempt, room: Room): Promise<RequestRecord> {
    const audioSeconds = attempt.row.item.traits['audioSeconds'] ?? 0;
    return new Promise((resolve) => {
      const sending = this.#sender.begin(attempt, (record, failure) => {
        this.#open.leave(place);
        room.leave();
        this.#audioSeconds -= audioSeconds;
        this.#fail(failure);
        this.#context.onRecord(record);
        resolve(record);
      });
      const place = this.#open.add(sending);
      this.#audioSeconds += audioSeconds;
      this.#lateness.push(sending.startMs - attempt.plannedMs);
    });
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
