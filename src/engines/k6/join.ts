import type { PlanRow } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { isBodySent } from './ending.ts';
import { type Exchanged, type Judge, recordOf, unsent } from './outcome.ts';
import type { K6Reply, K6Sample, RowPlace } from './samples.ts';

export interface JoinedStage {
  key: string;
  isOpen: boolean;
  /** By the number that k6 gives an iteration, or that the script makes of VU and turn. */
  rows: readonly PlanRow[];
  leadMs: number;
  /** In how many parts the plan is sent: from one number of a part to its next. */
  stride: number;
  /** Which of them; its first number. */
  first: number;
}

export interface JoinContext {
  judge: Judge;
  toRunMs(wallMs: number): number;
  bodyBytesOf(row: PlanRow): number;
  onRecord(record: RequestRecord): void;
  onStart(row: PlanRow, startMs: number, plannedMs: number): void;
}

/**
 * How the samples ended: whole, by our interrupt, with some of them lost, or as a file of which that is not known;
 * rows without a trace are then left out.
 */
export type JoinEnd = 'done' | 'interrupted' | 'failed' | 'unknown';

interface Begun {
  row: PlanRow;
  at: RowPlace;
  wallMs: number;
}

/** How many of rising values are no greater than one. */
function countUpTo(rising: ArrayLike<number>, value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) <= value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * begun, ended, sent, dropped samples of one stage -> one record for each row
 * A counter moves when an iteration starts; a tick without a free VU takes no number. So after d drops number n was
 * sent at tick n + d: the item follows the number, the planned time the tick. Who misses a number in the end are the
 * last rows, which are recorded as dropped with the planned times of the ticks that were dropped.
 */
export class StageJoin {
  readonly #stage: JoinedStage;
  readonly #context: JoinContext;
  readonly #open = new Map<number, Begun>();
  /** Ended with a body that did not go out whole: how much did is told at the end of the iteration. */
  readonly #unsent = new Map<number, { begun: Begun; endedWallMs: number; reply: K6Reply }>();
  readonly #rowOfSeq: ReadonlyMap<number, PlanRow>;
  readonly #seen = new Set<number>();
  readonly #startsWallMs: number[] = [];
  readonly #dropsWallMs: number[] = [];
  #zeroWallMs: number | null = null;

  constructor(stage: JoinedStage, context: JoinContext) {
    this.#stage = stage;
    this.#context = context;
    this.#rowOfSeq = new Map(stage.rows.map((row) => [row.seq, row]));
  }

  get open(): Iterable<PlanRow> {
    return [...this.#open.values()].map(({ row }) => row);
  }

  get openCount(): number {
    return this.#open.size;
  }

  get startedCount(): number {
    return this.#seen.size;
  }

  /** When the stage's own time began, on the run's clock; null before its first request. */
  get zeroMs(): number | null {
    return this.#zeroWallMs === null ? null : this.#context.toRunMs(this.#zeroWallMs) + this.#stage.leadMs;
  }

  /** Samples that arrived together: drops first, since they are told apart by their times and not by their order. */
  take(samples: readonly K6Sample[]): void {
    for (const sample of samples) {
      if (sample.kind === 'dropped') {
        this.#dropsWallMs.push(...Array.from({ length: sample.count }, () => sample.wallMs));
      }
    }
    this.#dropsWallMs.sort((a, b) => a - b);
    for (const sample of samples) {
      this.#takeOne(sample);
    }
  }

  /** Once no sample comes any more: a record for every row of an open stage, and for all that was begun. */
  finish(end: JoinEnd, endMs: number): void {
    for (const { begun, endedWallMs, reply } of this.#unsent.values()) {
      this.#settle(begun, endedWallMs, reply, null);
    }
    this.#unsent.clear();
    for (const begun of this.#open.values()) {
      const startMs = this.#context.toRunMs(begun.wallMs);
      const open = { startMs, endMs: Math.max(startMs, endMs), outcome: 'in_flight_at_end' } as const;
      this.#context.onRecord({ ...this.#unsentRecord(begun), ...open });
    }
    this.#open.clear();
    if (this.#stage.isOpen) {
      this.#finishUnsent(end, endMs);
    }
  }

  #takeOne(sample: K6Sample): void {
    if (sample.kind === 'dropped') {
      return;
    }
    const { seq, wallMs } = sample;
    if (sample.kind === 'sent') {
      const waiting = this.#unsent.get(seq);
      if (waiting !== undefined) {
        this.#unsent.delete(seq);
        this.#settle(waiting.begun, waiting.endedWallMs, waiting.reply, sample.bytes);
      }
      return;
    }
    const row = this.#rowOfSeq.get(seq);
    if (sample.kind === 'begun') {
      if (row !== undefined && !this.#seen.has(seq)) {
        this.#begin({ row, at: sample.at, wallMs });
      }
      return;
    }
    const begun = this.#open.get(seq);
    if (begun !== undefined && sample.reply !== null) {
      this.#open.delete(seq);
      if (isBodySent(sample.reply)) {
        this.#settle(begun, wallMs, sample.reply, null);
      } else {
        this.#unsent.set(seq, { begun, endedWallMs: wallMs, reply: sample.reply });
      }
    }
  }

  #begin(begun: Begun): void {
    const { row, at, wallMs } = begun;
    this.#zeroWallMs ??= at.zeroWallMs;
    this.#seen.add(row.seq);
    this.#startsWallMs.push(wallMs);
    this.#open.set(row.seq, begun);
    this.#context.onStart(row, this.#context.toRunMs(wallMs), this.#plannedMs(begun));
  }

  #settle(begun: Begun, endedWallMs: number, reply: K6Reply, sentBytes: number | null): void {
    const { toRunMs, bodyBytesOf, judge, onRecord } = this.#context;
    const exchanged: Exchanged = {
      row: this.#rowOf(begun),
      plannedMs: this.#plannedMs(begun),
      startMs: toRunMs(begun.wallMs),
      endMs: toRunMs(endedWallMs),
      reply,
      bodyBytes: bodyBytesOf(begun.row),
      sentBytes,
    };
    onRecord(recordOf(exchanged, judge));
  }

  #unsentRecord(begun: Begun): RequestRecord {
    return unsent(this.#rowOf(begun), this.#plannedMs(begun));
  }

  /** A closed stage's VU is known only once it has taken the row. */
  #rowOf({ row, at }: Begun): PlanRow {
    return this.#stage.isOpen ? row : { ...row, slot: at.slot };
  }

  #plannedMs({ at, wallMs }: Begun): number {
    if (!this.#stage.isOpen) {
      return this.#context.toRunMs(wallMs);
    }
    const drops = countUpTo(this.#dropsWallMs, wallMs);
    return this.#tickMs(at.n + drops * this.#stage.stride, at.zeroWallMs);
  }

  #tickMs(tick: number, zeroWallMs: number): number {
    const { rows, leadMs } = this.#stage;
    const row = rows[Math.min(tick, rows.length - 1)];
    return this.#context.toRunMs(zeroWallMs) + leadMs + (row?.plannedMs ?? 0);
  }

  #finishUnsent(end: JoinEnd, endMs: number): void {
    const { rows, stride, first } = this.#stage;
    const zeroWallMs = this.#zeroWallMs;
    const part = rows.filter((_, n) => n % stride === first);
    const starts = Float64Array.from(this.#startsWallMs).sort();
    const drops = this.#dropsWallMs;
    const droppedTicks = drops.map((dropMs, before) => first + (countUpTo(starts, dropMs) + before) * stride);
    const ticksSeen = starts.length + drops.length;
    const left = part.filter((row) => !this.#seen.has(row.seq));
    for (const [index, row] of left.entries()) {
      const tick = droppedTicks[index] ?? first + (ticksSeen + index - drops.length) * stride;
      const plannedMs = zeroWallMs === null ? endMs : this.#tickMs(tick, zeroWallMs);
      const record = unsent(row, plannedMs);
      if (index < drops.length) {
        this.#context.onRecord({ ...record, errorCode: 'max_in_flight' });
      } else if (end === 'unknown') {
        return;
      } else if (end === 'failed' && zeroWallMs !== null && plannedMs <= endMs) {
        // It may have been sent: what k6 knew of it is lost.
        this.#context.onRecord({ ...record, outcome: 'in_flight_at_end', endMs, errorCode: 'no_trace' });
      } else {
        this.#context.onRecord({ ...record, errorCode: end === 'done' ? 'not_started' : 'run_stopped' });
      }
    }
  }
}
