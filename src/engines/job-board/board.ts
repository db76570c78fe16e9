import type { Clock } from '../../base/clock.ts';
import type { HandOut, JobBoard, ReplyCheck } from '../../model/adapter.ts';
import type { BoardState } from '../../model/engine.ts';
import type { PlanRow } from '../../model/plan.ts';
import type { CountedRecord, Outcome, RequestRecord } from '../../model/record.ts';
import { unsentRecord } from '../native/exchange.ts';
import { saysDeviceOutOfMemory } from '../native/outcome.ts';

interface BoardRules {
  leaseMs: number;
  deliveries: number;
}

/** A row on the board, from its offer to its one record. */
interface Task {
  row: PlanRow;
  record: CountedRecord;
  /** How often it was given out. */
  deliveries: number;
  /** Of the present or last lease, or of the wait for the next one. */
  timer: AbortController | null;
  onEnd(): void;
}

interface Given extends HandOut {
  of: Task;
  state: 'leased' | 'answered' | 'expired';
  leaseEndMs: number;
}

/** Who has which row. Each offered row ends in one record; what comes after it is counted and changes nothing (PROTOCOL 5.1.1). */
export class Board implements JobBoard {
  readonly #clock: Clock;
  readonly #rules: BoardRules;
  readonly #onRecord: (record: RequestRecord) => void;
  readonly #open = new Set<Task>();
  readonly #fresh: Task[] = [];
  /** Taken before and lost: given out before the fresh ones. */
  readonly #again = new Set<Task>();
  readonly #given = new Map<string, Given>();
  readonly #counts = { reserved: 0, answered: 0, duplicates: 0, late: 0, unknown: 0, expired: 0 };
  #isStopped = false;

  constructor(clock: Clock, rules: BoardRules, onRecord: (record: RequestRecord) => void) {
    this.#clock = clock;
    this.#rules = rules;
    this.#onRecord = onRecord;
  }

  get openRows(): readonly PlanRow[] {
    return Array.from(this.#open, ({ row }) => row);
  }

  get openCount(): number {
    return this.#open.size;
  }

  offer(row: PlanRow, plannedMs: number, onEnd: () => void): void {
    const task: Task = {
      row,
      record: unsentRecord({ row, plannedMs, attempt: 1, retryOf: null }),
      deliveries: 0,
      timer: null,
      onEnd,
    };
    this.#open.add(task);
    this.#fresh.push(task);
  }

  waiting(): number {
    return this.#isStopped ? 0 : this.#fresh.length + this.#again.size;
  }

  take(most: number): readonly HandOut[] {
    const handOuts: HandOut[] = [];
    while (handOuts.length < most && this.waiting() > 0) {
      const [task = this.#fresh.shift()] = this.#again;
      if (task !== undefined) {
        this.#again.delete(task);
        handOuts.push(this.#lease(task));
      }
    }
    return handOuts;
  }

  handOut(id: string): HandOut | null {
    return this.#given.get(id) ?? null;
  }

  answer(id: string, check: ReplyCheck, bytesIn: number): 'accepted' | 'late' | 'duplicate' | 'unknown' {
    const given = this.#given.get(id);
    if (given === undefined) {
      this.#counts.unknown += 1;
      return 'unknown';
    }
    // A timer that is late must not make an answer in time of a late one.
    if (given.state === 'leased' && this.#clock.nowMs() >= given.leaseEndMs) {
      this.#expire(given);
    }
    if (given.state === 'expired') {
      this.#counts.late += 1;
      return 'late';
    }
    if (given.state === 'answered') {
      this.#counts.duplicates += 1;
      return 'duplicate';
    }
    given.state = 'answered';
    this.#counts.reserved -= 1;
    this.#counts.answered += 1;
    this.#judged(given.of, check, bytesIn);
    return 'accepted';
  }

  /** Bytes of the item that have left us. */
  sent(id: string, bytes: number): void {
    const { of } = this.#given.get(id) ?? {};
    if (of !== undefined) {
      of.record.bytesOut += bytes;
    }
  }

  /** The item has left us whole; the first time counts. */
  fetched(id: string): void {
    const { of } = this.#given.get(id) ?? {};
    if (of !== undefined) {
      of.record.bodySentMs ??= this.#clock.nowMs();
    }
  }

  state(): Omit<BoardState, 'refused'> {
    return { waiting: this.waiting(), ...this.#counts };
  }

  /** Nothing more is given out; what was never taken is dropped. */
  stop(): void {
    this.#isStopped = true;
    for (const task of this.#fresh.splice(0)) {
      this.#settle(task, 'dropped', 'not_taken', null);
    }
  }

  /** What was taken and not answered ends with its age. */
  close(): void {
    this.stop();
    const nowMs = this.#clock.nowMs();
    for (const task of this.#open) {
      this.#settle(task, 'in_flight_at_end', this.#again.has(task) ? 'lease_expired' : 'reserved', nowMs);
    }
    this.#again.clear();
    this.#counts.reserved = 0;
  }

  #lease(task: Task): HandOut {
    const nowMs = this.#clock.nowMs();
    task.deliveries += 1;
    task.record.startMs ??= nowMs;
    const leaseEndMs = Math.min(nowMs + this.#rules.leaseMs, this.#deadlineMs(task));
    const number = String(task.row.seq);
    const given: Given = {
      id: `${number}.${task.deliveries}`,
      task: number,
      item: task.row.item,
      of: task,
      state: 'leased',
      leaseEndMs,
    };
    this.#given.set(given.id, given);
    this.#counts.reserved += 1;
    this.#wakeAt(task, leaseEndMs, () => this.#expire(given));
    return given;
  }

  /** Of the whole row, however often it is given out. */
  #deadlineMs({ row, record }: Task): number {
    return (record.startMs ?? Number.POSITIVE_INFINITY) + row.timeoutMs;
  }

  #expire(given: Given): void {
    if (given.state !== 'leased') {
      return;
    }
    const { of: task } = given;
    given.state = 'expired';
    this.#counts.reserved -= 1;
    this.#counts.expired += 1;
    const deadlineMs = this.#deadlineMs(task);
    if (task.deliveries >= this.#rules.deliveries || given.leaseEndMs >= deadlineMs) {
      this.#settle(task, 'timeout', 'lease_expired', this.#clock.nowMs());
      return;
    }
    this.#again.add(task);
    this.#wakeAt(task, deadlineMs, () => {
      this.#again.delete(task);
      this.#settle(task, 'timeout', 'lease_expired', this.#clock.nowMs());
    });
  }

  /** Replaces what the task was waiting for before. */
  #wakeAt(task: Task, atMs: number, wake: () => void): void {
    task.timer?.abort();
    const timer = new AbortController();
    task.timer = timer;
    void this.#sleepUntil(atMs, timer.signal).then(() => {
      if (!timer.signal.aborted) {
        wake();
      }
    });
  }

  /** Timers may fire a fraction of a millisecond early. */
  async #sleepUntil(atMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#clock.nowMs() < atMs) {
      await this.#clock.sleepUntil(atMs, signal);
    }
  }

  #judged(task: Task, check: ReplyCheck, bytesIn: number): void {
    Object.assign(task.record, {
      bytesIn,
      check: check.check,
      answerDigest: check.answerDigest,
      route: check.route,
    } satisfies Partial<RequestRecord>);
    const nowMs = this.#clock.nowMs();
    if (check.ok) {
      this.#settle(task, 'ok', null, nowMs);
    } else {
      const code = saysDeviceOutOfMemory(check.detail) ? 'device_out_of_memory' : check.code;
      this.#settle(task, 'semantic_error', code, nowMs);
    }
  }

  #settle(task: Task, outcome: Outcome, errorCode: string | null, endMs: number | null): void {
    task.timer?.abort();
    this.#open.delete(task);
    this.#onRecord({ ...task.record, outcome, errorCode, endMs });
    task.onEnd();
  }
}
