import type { VirtualClock } from '../../base/virtual-clock.ts';
import { type Attempt, unsentRecord } from '../../engines/native/exchange.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { Outcome, RequestRecord } from '../../model/record.ts';
import type { SimCall, SimReply, SimService } from './sim-service.ts';

/** Connecting, sending and hearing on loopback, each. */
const hopMs = 1;

/** The far end: a service, or nobody any more. */
export interface SimTarget {
  service: SimService;
  isDead(): boolean;
  /** Every exchange that is open; a target that dies breaks them all. */
  open: Set<SimExchange>;
}

/**
 * One request against the modelled server, until its answer or the time when its client lets go. A run has ten
 * thousands of them, so that it has two timers and neither a signal nor a promise.
 */
export class SimExchange implements SimCall {
  readonly item: CorpusItem;
  readonly startMs: number;
  readonly #attempt: Attempt;
  readonly #clock: VirtualClock;
  readonly #target: SimTarget;
  readonly #onEnd: (record: RequestRecord) => void;
  readonly #goneListeners: (() => void)[] = [];
  readonly #cancelTimeout: () => void;
  /** The next hop: its body to the server, or the answer back. */
  #cancelHop: () => void;
  #fetchedMs: number | null = null;
  #isOver = false;

  constructor(attempt: Attempt, clock: VirtualClock, target: SimTarget, onEnd: (record: RequestRecord) => void) {
    this.item = attempt.row.item;
    this.#attempt = attempt;
    this.#clock = clock;
    this.#target = target;
    this.#onEnd = onEnd;
    this.startMs = clock.nowMs();
    target.open.add(this);
    this.#cancelTimeout = clock.callAt(this.startMs + attempt.row.timeoutMs, () =>
      this.#settle('timeout', null, 'while_waiting'),
    );
    this.#cancelHop = clock.callAt(this.startMs + hopMs, () => this.#arrive());
  }

  letGoAtEnd(): void {
    this.#settle('in_flight_at_end', null, null);
  }

  /** The connection broke. */
  reset(): void {
    this.#settle('reset', null, 'ECONNRESET');
  }

  isGone(): boolean {
    return this.#isOver;
  }

  onGone(listener: () => void): void {
    this.#goneListeners.push(listener);
  }

  fetched(): void {
    this.#fetchedMs = this.#clock.nowMs();
  }

  answer(reply: SimReply): void {
    if (!this.#isOver) {
      this.#cancelHop = this.#clock.callAt(this.#clock.nowMs() + hopMs, () => this.#settle(reply.outcome, reply, null));
    }
  }

  #arrive(): void {
    if (this.#target.isDead()) {
      this.#settle('refused', null, 'ECONNREFUSED');
      return;
    }
    this.#target.service.handle(this);
  }

  #settle(outcome: Outcome, reply: SimReply | null, errorCode: string | null): void {
    if (this.#isOver) {
      return;
    }
    this.#isOver = true;
    this.#cancelTimeout();
    this.#cancelHop();
    this.#target.open.delete(this);
    const endMs = this.#clock.nowMs();
    const isPulled = this.#target.service.reserved() !== null;
    const startMs = isPulled ? this.#fetchedMs : this.startMs;
    this.#onEnd({
      ...unsentRecord(this.#attempt),
      startMs,
      connectedMs: startMs,
      bodySentMs: startMs,
      firstByteMs: reply === null ? null : endMs,
      firstContentMs: reply === null ? null : endMs,
      endMs: startMs === null ? null : endMs,
      bytesOut: this.#attempt.row.item.bytes,
      bytesIn: reply === null ? 0 : 200,
      status: reply?.status ?? null,
      outcome,
      errorCode: reply?.errorCode ?? errorCode,
      route: reply?.route ?? null,
      reusedSocket: false,
      check: reply?.outcome === 'ok' ? 'answer' : 'none',
      answerDigest: reply?.outcome === 'ok' ? this.#attempt.row.item.id : null,
    });
    if (reply === null) {
      for (const listener of this.#goneListeners) {
        listener();
      }
    }
  }
}
