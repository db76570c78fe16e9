import { defaultServe, type ServeAdapter } from '../../model/adapter.ts';
import type { BoardState, EngineContext, EngineSession } from '../../model/engine.ts';
import type { OpenRows, StageRows } from '../../model/plan.ts';
import { unsentRecord } from '../native/exchange.ts';
import { Lateness } from '../native/lateness.ts';
import { announce } from './announce.ts';
import { Board } from './board.ts';
import { BoardServer } from './board-server.ts';

function serveAdapterOf({ adapter }: EngineContext): ServeAdapter {
  if (adapter.kind !== 'serve') {
    throw new TypeError(`job-board cannot send for ${adapter.id}`);
  }
  return adapter;
}

/**
 * Offers rows at their planned times and waits for the target to come for them. A record begins when its row is first
 * taken (`startMs`), its item is sent when it was first fetched whole (`bodySentMs`), and it ends with the result.
 */
class JobBoardSession implements EngineSession {
  readonly #context: EngineContext;
  readonly #adapter: ServeAdapter;
  readonly #board: Board;
  readonly #server: BoardServer;
  readonly #stopping = new AbortController();
  readonly #closing = new AbortController();
  readonly #lateness = new Lateness();
  readonly #ready: Promise<void>;
  #planned = 0;
  #failure: unknown = null;

  constructor(context: EngineContext) {
    const { adapterOptions: options, clock } = context;
    this.#context = context;
    this.#adapter = serveAdapterOf(context);
    this.#board = new Board(clock, options.serve ?? defaultServe, (record) => context.onRecord(record));
    this.#server = new BoardServer({
      adapter: this.#adapter,
      options,
      board: this.#board,
      onFailure: (failure) => this.#fail(failure),
    });
    this.#ready = this.#open().catch((failure: unknown) => this.#fail(failure));
  }

  async runStage(rows: StageRows, startMs: number, endMs: number): Promise<void> {
    if (rows.model === 'closed') {
      throw new TypeError('job-board has no slots to draw rows');
    }
    await this.#offerAll(rows, startMs);
    await this.#sleepUntil(endMs);
    this.#rethrow();
  }

  inFlight(): number {
    return this.#board.openCount;
  }

  planned(): number {
    return this.#planned;
  }

  audioSecondsInFlight(): number {
    return this.#board.openRows.reduce((sum, { item }) => sum + (item.traits['audioSeconds'] ?? 0), 0);
  }

  /** Of the offers: when a row is taken is the target's doing. */
  latenessMs(): readonly number[] {
    return this.#lateness.ms();
  }

  /** It serves from this process. */
  ownCost(): null {
    return null;
  }

  boardState(): BoardState {
    return { ...this.#board.state(), refused: this.#server.refused };
  }

  stop(): void {
    this.#stopping.abort();
    this.#board.stop();
  }

  async close(): Promise<void> {
    this.stop();
    this.#closing.abort();
    this.#board.close();
    await this.#ready;
    await this.#server.close();
    this.#rethrow();
  }

  async #open(): Promise<void> {
    const { adapterOptions: options } = this.#context;
    const url = await this.#server.listen(options.serve ?? defaultServe);
    this.#context.onNotice?.(`The jobs are at ${url.href}`);
    const wire = this.#adapter.announce(url, options);
    if (wire !== null) {
      await announce(this.#context, wire, this.#closing.signal);
    }
  }

  async #offerAll(rows: OpenRows, startMs: number): Promise<void> {
    let open = 0;
    this.#planned += rows.rows.length;
    for (const row of rows.rows) {
      const plannedMs = startMs + (row.plannedMs ?? 0);
      await this.#sleepUntil(plannedMs);
      if (this.#stopping.signal.aborted || open >= rows.maxInFlight) {
        const errorCode = this.#stopping.signal.aborted ? 'run_stopped' : 'max_in_flight';
        this.#context.onRecord({ ...unsentRecord({ row, plannedMs, attempt: 1, retryOf: null }), errorCode });
      } else {
        open += 1;
        this.#lateness.add(this.#context.clock.nowMs() - plannedMs);
        this.#board.offer(row, plannedMs, () => {
          open -= 1;
        });
      }
    }
  }

  async #sleepUntil(atMs: number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#context.clock.nowMs() < atMs) {
      await this.#context.clock.sleepUntil(atMs, signal);
    }
  }

  /** The stage ends, and its caller gets the first failure. A run that closes us does not wait for the target. */
  #fail(failure: unknown): void {
    if (this.#failure === null && !this.#closing.signal.aborted) {
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

export function openJobBoard(context: EngineContext): EngineSession {
  return new JobBoardSession(context);
}
