import { contentLength } from '../../base/body-stream.ts';
import type { CallAdapter, ReplyCheck } from '../../model/adapter.ts';
import type { EngineContext } from '../../model/engine.ts';
import type { PlanRow } from '../../model/plan.ts';
import type { CountedRecord, Outcome, RequestRecord } from '../../model/record.ts';
import type { CallEvents, Carrier, ReplyHeaders, Transfer } from './carrier.ts';
import { endingOfBreak, httpErrorCode, saysDeviceOutOfMemory, timeoutCode } from './outcome.ts';
import { isSuccess, Reply } from './reply.ts';

/** What all exchanges of a session share. */
export interface Line {
  context: EngineContext;
  adapter: CallAdapter;
  carrier: Carrier;
  /** Sent with every request, names in lower case. */
  headers: Readonly<Record<string, string>>;
  basePath: string;
}

/** A row and which of its client's tries this is. */
export interface Attempt {
  row: PlanRow;
  plannedMs: number;
  attempt: number;
  retryOf: number | null;
}

const longestTimerMs = 2 ** 31 - 1;

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
export class Exchange implements CallEvents {
  readonly row: PlanRow;
  readonly startMs: number;
  readonly #line: Line;
  readonly #record: CountedRecord;
  readonly #onEnd: (record: RequestRecord, failure: unknown) => void;
  readonly #transfer: Transfer;
  #reply: Reply | null = null;
  #connected = false;
  #settled = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(attempt: Attempt, line: Line, onEnd: (record: RequestRecord, failure: unknown) => void) {
    const { row } = attempt;
    const wire = line.adapter.request(row.item, line.context.adapterOptions);
    const bytes = contentLength(wire.segments);
    this.row = row;
    this.#line = line;
    this.#onEnd = onEnd;
    this.startMs = line.context.clock.nowMs();
    this.#record = unsentRecord(attempt);
    this.#record.startMs = this.startMs;
    this.#transfer = line.carrier.send(
      {
        method: wire.method,
        path: line.basePath + wire.path,
        headers: headersOf(wire.headers, line.headers, wire.method === 'GET' && bytes === 0 ? null : bytes),
        segments: wire.segments,
        bytes,
        client: row.client,
      },
      this,
    );
    this.#armTimer(this.#waitMs);
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
    reply.take(chunk);
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

  /** An impatient client lets go before its request's timeout, or not at all. */
  get #abandonsFirst(): boolean {
    const abandonAfterMs = this.row.client?.abandonAfterMs ?? null;
    return abandonAfterMs !== null && abandonAfterMs < this.row.timeoutMs;
  }

  get #waitMs(): number {
    return this.#abandonsFirst ? (this.row.client?.abandonAfterMs ?? 0) : this.row.timeoutMs;
  }

  #armTimer(waitMs: number): void {
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(longestTimerMs, Math.ceil(waitMs)));
  }

  /** Timers may fire a fraction of a millisecond early. */
  #onTimer(): void {
    const leftMs = this.startMs + this.#waitMs - this.#nowMs();
    if (leftMs > 0) {
      this.#armTimer(leftMs);
    } else if (this.#abandonsFirst) {
      this.#settle('cancelled', 'abandoned');
    } else {
      const code = timeoutCode({
        connected: this.#connected,
        bodySent: this.#record.bodySentMs !== null,
        responseStarted: this.#reply !== null,
        streaming: this.#reply !== null && this.#reply.events !== null,
      });
      this.#settle('timeout', code);
    }
  }

  #settle(outcome: Outcome, errorCode: string | null, failure: unknown = null, endMs = this.#nowMs()): void {
    if (this.#settled) {
      return;
    }
    this.#settled = true;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
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

/** What is sent with every request wins over what the format says. */
function headersOf(
  wire: Readonly<Record<string, string>>,
  shared: Readonly<Record<string, string>>,
  bytes: number | null,
): Record<string, string> {
  const headers: Record<string, string> = { ...shared };
  if (bytes !== null) {
    headers['content-length'] = String(bytes);
  }
  for (const name of Object.keys(wire)) {
    headers[name.toLowerCase()] ??= wire[name] ?? '';
  }
  return headers;
}
