import type { Clock } from '../../base/clock.ts';
import type { Outcome, RequestRecord } from '../../model/record.ts';
import { type Attempt, unsentRecord } from '../native/exchange.ts';
import type { Job, ServerQueue } from './server-model.ts';

/** One request of a client that keeps its manners: its upload, its turn at the server, or the time when it lets go. */
export class SimulatedExchange {
  readonly startMs: number;
  readonly #attempt: Attempt;
  readonly #clock: Clock;
  readonly #queue: ServerQueue;
  readonly #onEnd: (record: RequestRecord) => void;
  readonly #job: Job;
  /** Ends the sleeps of whatever can no longer happen. */
  readonly #settling = new AbortController();
  #bodySentMs: number | null = null;

  constructor(attempt: Attempt, clock: Clock, queue: ServerQueue, onEnd: (record: RequestRecord) => void) {
    this.#attempt = attempt;
    this.#clock = clock;
    this.#queue = queue;
    this.#onEnd = onEnd;
    this.startMs = clock.nowMs();
    this.#job = { item: attempt.row.item, onDone: () => this.#settle('ok', null) };
    this.#watchPatience();
    void this.#upload();
  }

  letGoAtEnd(): void {
    this.#settle('in_flight_at_end', null);
  }

  async #upload(): Promise<void> {
    const { client, item } = this.#attempt.row;
    const bytesPerSecond = client?.uploadBytesPerSecond ?? null;
    const uploadMs = bytesPerSecond === null ? 0 : (1000 * item.bytes) / bytesPerSecond;
    const share = client?.disconnectAtRatio ?? null;
    await this.#after(uploadMs * (share ?? 1));
    if (this.#hasSettled) {
      return;
    }
    if (share !== null) {
      this.#settle('cancelled', 'disconnected');
      return;
    }
    this.#bodySentMs = this.#clock.nowMs();
    this.#queue.enter(this.#job);
  }

  #watchPatience(): void {
    const { client, timeoutMs } = this.#attempt.row;
    const abandonAfterMs = client?.abandonAfterMs ?? Number.POSITIVE_INFINITY;
    void this.#after(Math.min(timeoutMs, abandonAfterMs)).then(() => {
      if (abandonAfterMs < timeoutMs) {
        this.#settle('cancelled', 'abandoned');
      } else {
        this.#settle('timeout', this.#bodySentMs === null ? 'while_sending' : 'while_waiting');
      }
    });
  }

  get #hasSettled(): boolean {
    return this.#settling.signal.aborted;
  }

  #after(ms: number): Promise<void> {
    return this.#clock.sleepUntil(this.startMs + ms, this.#settling.signal);
  }

  #settle(outcome: Outcome, errorCode: string | null): void {
    if (this.#hasSettled) {
      return;
    }
    this.#settling.abort();
    this.#queue.leave(this.#job);
    const endMs = this.#clock.nowMs();
    const answered = outcome === 'ok' ? { status: 200, firstByteMs: endMs, firstContentMs: endMs } : {};
    this.#onEnd({
      ...unsentRecord(this.#attempt),
      startMs: this.startMs,
      connectedMs: this.startMs,
      bodySentMs: this.#bodySentMs,
      endMs,
      bytesOut: this.#bodySentMs === null ? 0 : this.#attempt.row.item.bytes,
      reusedSocket: false,
      outcome,
      errorCode,
      ...answered,
    });
  }
}
