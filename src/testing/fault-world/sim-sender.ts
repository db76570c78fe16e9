import type { Clock } from '../../base/clock.ts';
import { type Attempt, unsentRecord } from '../../engines/native/exchange.ts';
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

/** One request against the modelled server, until its answer or the time when its client lets go. */
export class SimExchange {
  readonly startMs: number;
  readonly #attempt: Attempt;
  readonly #clock: Clock;
  readonly #target: SimTarget;
  readonly #onEnd: (record: RequestRecord) => void;
  readonly #settling = new AbortController();
  readonly #goneListeners: (() => void)[] = [];
  #fetchedMs: number | null = null;

  constructor(attempt: Attempt, clock: Clock, target: SimTarget, onEnd: (record: RequestRecord) => void) {
    this.#attempt = attempt;
    this.#clock = clock;
    this.#target = target;
    this.#onEnd = onEnd;
    this.startMs = clock.nowMs();
    target.open.add(this);
    void this.#after(attempt.row.timeoutMs).then(() => this.#settle('timeout', null, 'while_waiting'));
    void this.#after(hopMs).then(() => this.#arrive());
  }

  letGoAtEnd(): void {
    this.#settle('in_flight_at_end', null, null);
  }

  /** The connection broke. */
  reset(): void {
    this.#settle('reset', null, 'ECONNRESET');
  }

  #arrive(): void {
    if (this.#settling.signal.aborted) {
      return;
    }
    if (this.#target.isDead()) {
      this.#settle('refused', null, 'ECONNREFUSED');
      return;
    }
    this.#target.service.handle(this.#call());
  }

  #call(): SimCall {
    return {
      item: this.#attempt.row.item,
      isGone: () => this.#settling.signal.aborted,
      onGone: (listener) => this.#goneListeners.push(listener),
      fetched: () => {
        this.#fetchedMs = this.#clock.nowMs();
      },
      answer: (reply) => void this.#after(hopMs).then(() => this.#settle(reply.outcome, reply, null)),
    };
  }

  #after(ms: number): Promise<void> {
    return this.#clock.sleepUntil(this.#clock.nowMs() + ms, this.#settling.signal);
  }

  #settle(outcome: Outcome, reply: SimReply | null, errorCode: string | null): void {
    if (this.#settling.signal.aborted) {
      return;
    }
    this.#settling.abort();
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
