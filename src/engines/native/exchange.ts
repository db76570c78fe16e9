import type { CallAdapter, ReplyCheck } from '../../model/adapter.ts';
import type { EngineContext } from '../../model/engine.ts';
import type { PlanRow } from '../../model/plan.ts';
import type { CountedRecord, Outcome, RequestRecord } from '../../model/record.ts';
import type { Calls } from './calls.ts';
import type { CallEvents, Carrier, ReplyHeaders, Transfer } from './carrier.ts';
import type { Deadlines, Waiter } from './deadlines.ts';
import { endingOfBreak, httpErrorCode, saysDeviceOutOfMemory, timeoutCode } from './outcome.ts';
import { isSuccess, Reply } from './reply.ts';

/** What all exchanges of a session share. */
export interface Line {
  context: EngineContext;
  adapter: CallAdapter;
  carrier: Carrier;
  calls: Calls;
  deadlines: Deadlines;
}

/** A row and which of its client's tries this is. */
export interface Attempt {
  row: PlanRow;
  plannedMs: number;
  attempt: number;
  retryOf: number | null;
}

/** The record of a row that was never sent. */
export function unsentRecord({ row, plannedMs, attempt, retryOf }: Attempt): CountedRecord {
  return {
    seq: row.seq,
    stage: row.stage,
    itemId: row.item.id,
    slot: row.slot,
    attempt,
    retryOf,
    plannedMs,
    startMs: null,
    connectedMs: null,
    bodySentMs: null,
    firstByteMs: null,
    firstContentMs: null,
    endMs: null,
    bytesOut: 0,
    bytesIn: 0,
    status: null,
    outcome: 'dropped',
    errorCode: null,
    route: null,
    reusedSocket: null,
    check: 'none',
    answerDigest: null,
    spokenWords: null,
    wordErrors: null,
    events: null,
    outputTokens: null,
  };
}

/** One request from its start to its one record. `onEnd` gets `failure` if our own code threw. */
export class Exchange implements CallEvents, Waiter {
  readonly row: PlanRow;
  readonly startMs: number;
  readonly dueMs: number;
  readonly #line: Line;
  readonly #record: CountedRecord;
  readonly #onEnd: (record: RequestRecord, failure: unknown) => void;
  readonly #transfer: Transfer;
  readonly #deadline: number;
  #reply: Reply | null = null;
  #connected = false;
  #settled = false;

  constructor(attempt: Attempt, line: Line, onEnd: (record: RequestRecord, failure: unknown) => void) {
    const { row } = attempt;
    const call = line.calls.of(row);
    this.row = row;
    this.#line = line;
    this.#onEnd = onEnd;
    this.startMs = line.context.clock.nowMs();
    this.dueMs = this.startMs + (this.#abandonAfterMs ?? row.timeoutMs);
    this.#record = unsentRecord(attempt);
    this.#record.startMs = this.startMs;
    this.#transfer = line.carrier.send(call, this);
    this.#deadline = line.deadlines.add(this);
  }

  /** Lets an open request go at the end of the run; `endMs` then tells its age. */
  letGoAtEnd(): void {
    this.#settle('in_flight_at_end', null);
  }

  connected(reused: boolean): void {
    if (!this.#settled) {
      this.#connected = true;
      this.#record.connectedMs = reused ? null : this.#nowMs();
      this.#record.reusedSocket = reused;
    }
  }

  progress(bytesOut: number): void {
    if (!this.#settled) {
      this.#record.bytesOut = bytesOut;
    }
  }

  bodySent(): void {
    if (!this.#settled) {
      this.#record.bodySentMs = this.#nowMs();
    }
  }

  head(status: number, headers: ReplyHeaders): void {
    if (this.#settled) {
      return;
    }
    this.#record.firstByteMs = this.#nowMs();
    this.#record.status = status;
    const { adapter, context } = this.#line;
    context.watch?.head(status, headers);
    this.#reply = new Reply({
      adapter,
      adapterOptions: context.adapterOptions,
      item: this.row.item,
      status,
      headers,
    });
    if (!isSuccess(status)) {
      this.#transfer.stopUpload();
    }
  }

  data(chunk: Buffer): void {
    const reply = this.#reply;
    if (this.#settled || reply === null) {
      return;
    }
    this.#record.bytesIn += chunk.length;
    this.#line.context.watch?.data(chunk);
    reply.take(chunk);
    // Not the first byte, which may be an empty event (PROTOCOL 5.2.1).
    if (reply.hasContent) {
      this.#record.firstContentMs ??= this.#nowMs();
    }
  }

  ended(): void {
    const reply = this.#reply;
    if (this.#settled || reply === null) {
      return;
    }
    const endMs = this.#nowMs();
    if (!isSuccess(reply.status)) {
      this.#settleHttpError(reply, endMs);
      return;
    }
    try {
      this.#judged(reply.judge(), endMs);
    } catch (failure: unknown) {
      this.#settle('semantic_error', 'judge_failed', failure, endMs);
    }
  }

  broke(error: unknown, atMs = this.#nowMs()): void {
    if (this.#settled) {
      return;
    }
    const reply = this.#reply;
    if (reply !== null && !isSuccess(reply.status)) {
      this.#settleHttpError(reply, atMs);
      return;
    }
    const ending = endingOfBreak({
      error,
      connected: this.#connected,
      reusedSocket: this.#record.reusedSocket === true,
      responseStarted: reply !== null,
      sinceStartMs: atMs - this.startMs,
    });
    this.#settle(ending.outcome, ending.errorCode, null, atMs);
  }

  disconnected(): void {
    this.#settle('cancelled', 'disconnected');
  }

  failed(failure: unknown): void {
    this.#settle('cancelled', 'body_failed', failure);
  }

  #judged(check: ReplyCheck, endMs: number): void {
    const record = this.#record;
    record.check = check.check;
    record.answerDigest = check.answerDigest;
    record.spokenWords = check.words?.spoken ?? null;
    record.wordErrors = check.words?.errors ?? null;
    record.route = check.route;
    record.outputTokens = check.outputTokens ?? null;
    if (check.ok) {
      this.#settle('ok', null, null, endMs);
    } else {
      const code = saysDeviceOutOfMemory(check.detail) ? 'device_out_of_memory' : check.code;
      this.#settle('semantic_error', code, null, endMs);
    }
  }

  #settleHttpError(reply: Reply, atMs: number): void {
    this.#record.route = reply.headers['x-route'] ?? null;
    this.#settle('http_error', httpErrorCode(reply.status, reply.text), null, atMs);
  }

  #nowMs(): number {
    return this.#line.context.clock.nowMs();
  }

  /** An impatient client lets go before its request's timeout, or not at all (null). */
  get #abandonAfterMs(): number | null {
    const { client, timeoutMs } = this.row;
    return client === null || client.abandonAfterMs === null || client.abandonAfterMs >= timeoutMs
      ? null
      : client.abandonAfterMs;
  }

  onDue(): void {
    if (this.#abandonAfterMs !== null) {
      this.#settle('cancelled', 'abandoned');
      return;
    }
    const code = timeoutCode({
      connected: this.#connected,
      bodySent: this.#record.bodySentMs !== null,
      responseStarted: this.#reply !== null,
      streaming: this.#reply !== null && this.#reply.events !== null,
    });
    this.#settle('timeout', code);
  }

  #settle(outcome: Outcome, errorCode: string | null, failure: unknown = null, endMs = this.#nowMs()): void {
    if (this.#settled) {
      return;
    }
    this.#settled = true;
    this.#line.deadlines.leave(this.#deadline);
    const record = this.#record;
    record.outcome = outcome;
    record.errorCode = errorCode;
    record.endMs = endMs;
    record.events = this.#reply?.events ?? null;
    // After a whole reply to a whole request the carrier keeps the connection for the next one.
    if (record.bodySentMs === null || !isWholeReply(outcome)) {
      this.#transfer.destroy();
    }
    this.#onEnd(record, failure);
  }
}

function isWholeReply(outcome: Outcome): boolean {
  return outcome === 'ok' || outcome === 'http_error' || outcome === 'semantic_error';
}
