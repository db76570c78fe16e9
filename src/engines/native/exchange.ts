import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { contentLength, writeBody } from '../../base/body-stream.ts';
import type { CallAdapter, ReplyCheck, ReplyView, WireRequest } from '../../model/adapter.ts';
import type { EngineContext } from '../../model/engine.ts';
import type { PlanRow } from '../../model/plan.ts';
import type { Outcome, RequestRecord } from '../../model/record.ts';
import { writeBreakOf } from './agent.ts';
import { endingOfBreak, httpErrorCode, saysDeviceOutOfMemory, timeoutCode } from './outcome.ts';

/** What all exchanges of a session share. */
export interface Line {
  context: EngineContext;
  adapter: CallAdapter;
  agent: Agent;
  request(options: RequestOptions): ClientRequest;
  target: RequestOptions;
  basePath: string;
}

const keptBodyBytes = 4 * 1024 * 1024;
const longestTimerMs = 2 ** 31 - 1;

/** The record of a row that was never sent. */
export function unsentRecord(row: PlanRow, plannedMs: number): RequestRecord {
  return {
    seq: row.seq,
    stage: row.stage,
    itemId: row.item.id,
    slot: row.slot,
    attempt: 1,
    retryOf: null,
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
export class Exchange {
  readonly row: PlanRow;
  readonly startMs: number;
  readonly #line: Line;
  readonly #record: RequestRecord;
  readonly #onEnd: (record: RequestRecord, failure: unknown) => void;
  readonly #request: ClientRequest;
  readonly #upload = new AbortController();
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #socket: Socket | null = null;
  #connected = false;
  #settled = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(row: PlanRow, plannedMs: number, line: Line, onEnd: (record: RequestRecord, failure: unknown) => void) {
    const wire = line.adapter.request(row.item, line.context.adapterOptions);
    this.row = row;
    this.#line = line;
    this.#onEnd = onEnd;
    this.startMs = line.context.clock.nowMs();
    this.#record = { ...unsentRecord(row, plannedMs), startMs: this.startMs };
    this.#request = line.request({
      ...line.target,
      agent: line.agent,
      method: wire.method,
      path: line.basePath + wire.path,
      headers: headersOf(wire, line.context.headers),
    });
    this.#listen();
    this.#armTimer(row.timeoutMs);
    void this.#send(wire);
  }

  /** Lets an open request go at the end of the run; `endMs` then tells its age. */
  abandon(): void {
    this.#settle('in_flight_at_end', null);
  }

  #listen(): void {
    const request = this.#request;
    request.on('socket', (socket) => this.#onSocket(socket));
    request.on('finish', () => {
      this.#record.bodySentMs = this.#settled ? this.#record.bodySentMs : this.#line.context.clock.nowMs();
    });
    request.on('response', (response) => this.#onResponse(response));
    request.on('error', (error) => this.#onBreak(error));
    request.on('close', () => this.#onBreak(null));
  }

  #onSocket(socket: Socket): void {
    this.#socket = socket;
    const connected = (): void => {
      this.#connected = true;
      this.#record.connectedMs = this.#request.reusedSocket ? null : this.#line.context.clock.nowMs();
      this.#record.reusedSocket = this.#request.reusedSocket;
    };
    if (this.#request.reusedSocket) {
      connected();
    } else {
      socket.once(this.#line.context.url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
    }
  }

  async #send(wire: WireRequest): Promise<void> {
    try {
      const complete = await writeBody(this.#request, wire.segments, {
        signal: this.#upload.signal,
        onProgress: (bytes) => {
          this.#record.bytesOut = bytes;
        },
      });
      if (complete) {
        this.#request.end(() => {
          this.#record.bytesOut = this.#settled ? this.#record.bytesOut : contentLength(wire.segments);
        });
      }
    } catch (failure: unknown) {
      this.#settle('cancelled', 'body_failed', failure);
    }
  }

  #onResponse(response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    this.#record.firstByteMs = this.#line.context.clock.nowMs();
    this.#record.status = status;
    if (!isSuccess(status)) {
      this.#upload.abort();
    }
    response.on('data', (chunk: Buffer) => {
      this.#record.firstContentMs ??= this.#line.context.clock.nowMs();
      this.#record.bytesIn += chunk.length;
      if (this.#keptBytes < keptBodyBytes) {
        const kept = chunk.subarray(0, keptBodyBytes - this.#keptBytes);
        this.#kept.push(kept);
        this.#keptBytes += kept.length;
      }
    });
    response.on('end', () => this.#onReply(response, status));
    response.on('error', (error) => this.#onBreak(error));
  }

  #onReply(response: IncomingMessage, status: number): void {
    const { context } = this.#line;
    const endMs = context.clock.nowMs();
    const body = Buffer.concat(this.#kept);
    if (!isSuccess(status)) {
      this.#record.route = headerOf(response, 'x-route');
      this.#settle('http_error', httpErrorCode(status, body.toString('utf8')), null, endMs);
      return;
    }
    const reply = { status, headers: flatHeaders(response), body, truncated: this.#record.bytesIn > body.length };
    try {
      this.#judged(this.#line.adapter.judge(reply, this.row.item, context.adapterOptions), endMs);
    } catch (failure: unknown) {
      this.#settle('semantic_error', 'judge_failed', failure, endMs);
    }
  }

  #judged(check: ReplyCheck, endMs: number): void {
    this.#record.check = check.check;
    this.#record.answerDigest = check.answerDigest;
    this.#record.spokenWords = check.words?.spoken ?? null;
    this.#record.wordErrors = check.words?.errors ?? null;
    this.#record.route = check.route;
    if (check.ok) {
      this.#settle('ok', null, null, endMs);
    } else {
      const code = saysDeviceOutOfMemory(check.detail) ? 'device_out_of_memory' : check.code;
      this.#settle('semantic_error', code, null, endMs);
    }
  }

  #onBreak(error: Error | null): void {
    if (this.#settled) {
      return;
    }
    const { status } = this.#record;
    const broken = writeBreakOf(this.#socket);
    const atMs = broken?.atMs ?? this.#line.context.clock.nowMs();
    if (status !== null && !isSuccess(status)) {
      this.#settle('http_error', httpErrorCode(status, Buffer.concat(this.#kept).toString('utf8')), null, atMs);
      return;
    }
    const ending = endingOfBreak({
      error: broken?.error ?? error,
      connected: this.#connected,
      reusedSocket: this.#request.reusedSocket,
      responseStarted: status !== null,
      sinceStartMs: atMs - this.startMs,
    });
    this.#settle(ending.outcome, ending.errorCode, null, atMs);
  }

  #armTimer(waitMs: number): void {
    this.#timer = setTimeout(
      () => {
        const leftMs = this.startMs + this.row.timeoutMs - this.#line.context.clock.nowMs();
        if (leftMs > 0) {
          this.#armTimer(leftMs);
          return;
        }
        this.#settle(
          'timeout',
          timeoutCode({
            connected: this.#connected,
            bodySent: this.#record.bodySentMs !== null,
            responseStarted: this.#record.firstByteMs !== null,
          }),
        );
      },
      Math.min(longestTimerMs, Math.ceil(waitMs)),
    );
  }

  #settle(outcome: Outcome, errorCode: string | null, failure: unknown = null, endMs?: number): void {
    if (this.#settled) {
      return;
    }
    this.#settled = true;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    this.#upload.abort();
    // A whole reply to a whole request leaves the connection to the next one.
    if (this.#record.bodySentMs === null || (outcome !== 'ok' && !isWholeReply(outcome))) {
      this.#request.destroy();
    }
    // A TLS socket calls writes done while its handshake still fails; no byte of the body left us then.
    const sent = this.#connected ? {} : { bodySentMs: null, bytesOut: 0 };
    const ended = { outcome, errorCode, endMs: endMs ?? this.#line.context.clock.nowMs() };
    this.#onEnd({ ...this.#record, ...sent, ...ended }, failure);
  }
}

function isWholeReply(outcome: Outcome): boolean {
  return outcome === 'http_error' || outcome === 'semantic_error';
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function headersOf(wire: WireRequest, extra: Readonly<Record<string, string>>): Record<string, string> {
  const bytes = contentLength(wire.segments);
  return {
    ...wire.headers,
    ...extra,
    ...(wire.method === 'GET' && bytes === 0 ? {} : { 'content-length': String(bytes) }),
  };
}

function headerOf(response: IncomingMessage, name: string): string | null {
  const value = response.headers[name];
  return typeof value === 'string' ? value : null;
}

function flatHeaders(response: IncomingMessage): ReplyView['headers'] {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
