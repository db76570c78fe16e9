import { findById } from '../../base/by-id.ts';
import type { Clock } from '../../base/clock.ts';
import { BenchError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import type { Adapter, AdapterOptions } from '../../model/adapter.ts';
import type { Corpus } from '../../model/corpus.ts';
import type { EngineContext, EngineSession, LoadEngine } from '../../model/engine.ts';
import type { OpenRows } from '../../model/plan.ts';
import type { Neighbour, Stage } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import { CsvAppender } from '../../store/append-csv.ts';
import { requestColumns, requestRow } from '../../store/columns.ts';
import { type ItemAt, itemOrder } from '../plan/items.ts';

/** What the neighbour is asked, and how. */
export interface PreparedNeighbour {
  neighbour: Neighbour;
  adapter: Adapter;
  itemAt: ItemAt;
}

/** Throws USAGE for a corpus that its adapter cannot carry. */
export function prepareNeighbour(
  neighbour: Neighbour,
  corpus: Corpus,
  adapters: readonly Adapter[],
  seed: number,
): PreparedNeighbour {
  const adapter = findById('adapter', adapters, neighbour.adapter);
  const foreign = corpus.items.find((item) => !adapter.accepts.some((prefix) => item.mediaType.startsWith(prefix)));
  if (adapter.kind !== 'call' || foreign !== undefined) {
    const why = foreign === undefined ? 'waits to be called' : `cannot carry ${foreign.mediaType} of ${corpus.name}`;
    throw new BenchError('USAGE', `The neighbour cannot be asked: the adapter ${adapter.id} ${why}.`, {
      hint: 'Give the `neighbour` of the profile another `adapter` or `corpus`.',
    });
  }
  const random = createRandom(String(seed)).fork('items/neighbour');
  return { neighbour, adapter, itemAt: itemOrder('shuffled', corpus.items, random) };
}

export interface NeighbourOptions {
  prepared: PreparedNeighbour;
  engine: LoadEngine;
  context: Pick<EngineContext, 'url' | 'headers' | 'tlsAuthorities' | 'folder'>;
  adapterOptions: AdapterOptions;
  clock: Clock;
  /** `neighbour.csv`; it must not be there. */
  file: string;
  /** Ends with the load: a target that is to be spared is not asked either. */
  signal: AbortSignal;
}

/**
 * One careful client beside the load: asks, waits for the answer, thinks for `everyMs`, asks again. Not before the
 * first stage, and not while a stage of silence goes on (PROTOCOL 3.7).
 */
export class NeighbourClient {
  readonly #options: NeighbourOptions;
  readonly #session: EngineSession;
  readonly #table: CsvAppender;
  readonly #closing = new AbortController();
  #stage: Stage | null = null;
  #awaited: { seq: number; resolve: () => void } | null = null;
  #stageChanged: () => void = () => undefined;
  #failure: Error | null = null;
  #ended: Promise<void> | null = null;

  constructor(options: NeighbourOptions) {
    const { prepared, engine, context, adapterOptions, clock } = options;
    this.#options = options;
    this.#table = new CsvAppender(options.file, requestColumns, () => this.#closing.abort());
    this.#session = engine.open({
      ...context,
      adapter: prepared.adapter,
      adapterOptions: { ...adapterOptions, path: prepared.neighbour.path, stream: false },
      clock,
      onRecord: (record) => this.#onRecord(record),
    });
  }

  /** A stage of the load begins. The first one starts the client. */
  stageStarts(stage: Stage): void {
    this.#stage = stage;
    this.#stageChanged();
    this.#ended ??= this.#run().catch((failure: unknown) => {
      this.#failure = failure instanceof Error ? failure : new Error(String(failure));
    });
  }

  /** Lets an open request go and closes the table; throws what our own code threw. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#stageChanged();
    await this.#session.close();
    await this.#ended;
    this.#table.close();
    if (this.#failure !== null) {
      throw this.#failure;
    }
  }

  async #run(): Promise<void> {
    const { clock, prepared } = this.#options;
    const signal = AbortSignal.any([this.#closing.signal, this.#options.signal]);
    signal.addEventListener('abort', () => this.#stageChanged(), { once: true });
    const isOver = (): boolean => signal.aborted;
    for (let seq = 0; !isOver(); seq += 1) {
      await this.#untilAllowed(signal);
      if (this.#stage === null || isOver()) {
        return;
      }
      const answered = new Promise<void>((resolve) => {
        this.#awaited = { seq, resolve };
      });
      const nowMs = clock.nowMs();
      await this.#session.runStage(this.#rowOf(seq, this.#stage), nowMs, nowMs);
      await answered;
      await clock.sleepUntil(clock.nowMs() + prepared.neighbour.everyMs, signal);
    }
  }

  async #untilAllowed(signal: AbortSignal): Promise<void> {
    while (this.#stage?.kind === 'silence' && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#stageChanged = resolve;
      });
    }
  }

  #rowOf(seq: number, stage: Stage): OpenRows {
    const { itemAt, neighbour } = this.#options.prepared;
    const row = { seq, stage: stage.name, item: itemAt(seq), timeoutMs: neighbour.timeoutMs, client: null };
    return { model: 'open', maxInFlight: 1, rows: [{ ...row, plannedMs: 0, slot: 0 }] };
  }

  #onRecord(record: RequestRecord): void {
    this.#table.append(requestRow(record));
    if (this.#awaited?.seq === record.seq) {
      this.#awaited.resolve();
    }
  }
}
