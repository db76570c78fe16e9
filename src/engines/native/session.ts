import { setMaxListeners } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { EngineContext, EngineSession } from '../../model/engine.ts';
import type { ClosedRows, OpenRows, PlanRow } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { createAgent } from './agent.ts';
import { Exchange, type Line, unsentRecord } from './exchange.ts';

/** A slot that cannot reach the server tries at most ten times per second. */
const backOffMs = 100;

function lineOf(context: EngineContext): Line {
  const { url } = context;
  const { protocol, hostname, port, auth } = urlToHttpOptions(url);
  const { adapter } = context;
  if (adapter.kind !== 'call') {
    throw new TypeError(`native cannot serve ${adapter.id}`);
  }
  return {
    context,
    adapter,
    agent: createAgent(url.protocol, () => context.clock.nowMs()),
    request: url.protocol === 'https:' ? httpsRequest : httpRequest,
    target: { protocol, hostname, port, auth },
    basePath: url.pathname.replace(/\/+$/, ''),
  };
}

/** A stage on the run's clock. */
interface Span {
  startMs: number;
  endMs: number;
}

class NativeSession implements EngineSession {
  readonly #context: EngineContext;
  readonly #line: Line;
  readonly #stopping = new AbortController();
  readonly #open = new Set<Exchange>();
  readonly #lateness: number[] = [];
  #audioSeconds = 0;
  #planned = 0;
  #failure: unknown = null;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#line = lineOf(context);
    setMaxListeners(0, this.#stopping.signal);
  }

  async runStage(rows: Parameters<EngineSession['runStage']>[0], startMs: number, endMs: number): Promise<void> {
    if (rows.model === 'open') {
      await this.#runOpen(rows, startMs);
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
    for (const exchange of this.#open) {
      exchange.abandon();
    }
    this.#line.agent.destroy();
    await Promise.resolve();
    this.#rethrow();
  }

  /** Absolute deadlines: a late timer sends everything that is due, and the plan stays where it was. */
  async #runOpen(rows: OpenRows, startMs: number): Promise<void> {
    let open = 0;
    this.#planned += rows.rows.length;
    for (const row of rows.rows) {
      const plannedMs = startMs + (row.plannedMs ?? 0);
      await this.#sleepUntil(plannedMs);
      if (this.#stopped) {
        this.#drop(row, plannedMs, 'run_stopped');
      } else if (open >= rows.maxInFlight) {
        this.#drop(row, plannedMs, 'max_in_flight');
      } else {
        open += 1;
        this.#send(row, plannedMs, () => {
          open -= 1;
        });
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
    await this.#sleepUntil(startMs + window.fromMs);
    for (let turn = 0; !this.#stopped && clock.nowMs() < untilMs; turn += 1) {
      const row = rows.draw(slot, turn);
      if (row === null) {
        return;
      }
      const turnMs = clock.nowMs();
      const record = await new Promise<RequestRecord>((resolve) => {
        this.#planned += 1;
        this.#send(row, turnMs, resolve);
      });
      const thoughtMs = clock.nowMs() + rows.thinkMs;
      const nextMs = record.status === null ? Math.max(thoughtMs, turnMs + backOffMs) : thoughtMs;
      await this.#sleepUntil(Math.min(nextMs, untilMs));
    }
  }

  #send(row: PlanRow, plannedMs: number, onEnd: (record: RequestRecord) => void): void {
    const audioSeconds = row.item.traits['audioSeconds'] ?? 0;
    const exchange = new Exchange(row, plannedMs, this.#line, (record, failure) => {
      this.#open.delete(exchange);
      this.#audioSeconds -= audioSeconds;
      this.#fail(failure);
      this.#context.onRecord(record);
      onEnd(record);
    });
    this.#open.add(exchange);
    this.#audioSeconds += audioSeconds;
    this.#lateness.push(exchange.startMs - plannedMs);
  }

  #drop(row: PlanRow, plannedMs: number, errorCode: string): void {
    this.#context.onRecord({ ...unsentRecord(row, plannedMs), errorCode });
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

export function openSession(context: EngineContext): EngineSession {
  return new NativeSession(context);
}
