import type { AdapterOptions, CallAdapter, ReplyCheck } from '../../model/adapter.ts';
import type { PlanRow } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { unsentRecord } from '../native/exchange.ts';
import { httpErrorCode, saysDeviceOutOfMemory } from '../native/outcome.ts';
import { endingOf, hasConnection, isBodySent } from './ending.ts';
import type { K6Reply } from './samples.ts';

/** What an answer is judged with. */
export interface Judge {
  adapter: CallAdapter;
  options: AdapterOptions;
}

/** One request as its two samples tell of it, on the run's clock. */
export interface Exchanged {
  row: PlanRow;
  plannedMs: number;
  startMs: number;
  endMs: number;
  reply: K6Reply;
  /** Of the body, as it is sent. */
  bodyBytes: number;
  /** That left k6 with the head and what TLS needs; null: not told, since the body was sent whole. */
  sentBytes: number | null;
}

/** The record of a row that was never sent; k6 repeats nothing. */
export function unsent(row: PlanRow, plannedMs: number): RequestRecord {
  return unsentRecord({ row, plannedMs, attempt: 1, retryOf: null });
}

function flatHeaders(headers: K6Reply['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function judged({ row, reply }: Exchanged, { adapter, options }: Judge): Partial<RequestRecord> {
  const body = Buffer.from(reply.body, 'base64');
  const view = {
    status: reply.status,
    headers: flatHeaders(reply.headers),
    body,
    truncated: reply.bytes > body.length,
  };
  let check: ReplyCheck;
  try {
    check = adapter.judge(view, row.item, options);
  } catch {
    return { outcome: 'semantic_error', errorCode: 'judge_failed' };
  }
  const said = check.ok ? null : saysDeviceOutOfMemory(check.detail) ? 'device_out_of_memory' : check.code;
  return {
    outcome: check.ok ? 'ok' : 'semantic_error',
    errorCode: said,
    check: check.check,
    answerDigest: check.answerDigest,
    route: check.route,
    spokenWords: check.words?.spoken ?? null,
    wordErrors: check.words?.errors ?? null,
    outputTokens: check.outputTokens ?? null,
  };
}

function outcomeOf(exchanged: Exchanged, judge: Judge): Partial<RequestRecord> {
  const { reply, startMs, endMs } = exchanged;
  // k6 numbers statuses from 1400 on.
  const isWhole = reply.status > 0 && (reply.code === 0 || (reply.code >= 1400 && reply.code < 1600));
  if (!isWhole) {
    return endingOf(reply, endMs - startMs);
  }
  if (reply.status >= 200 && reply.status < 300) {
    return judged(exchanged, judge);
  }
  const text = Buffer.from(reply.body, 'base64').toString('utf8');
  const route = flatHeaders(reply.headers)['x-route'] ?? null;
  return { outcome: 'http_error', errorCode: httpErrorCode(reply.status, text), route };
}

/** Times that k6 measured are laid from the start on, and never beyond what our own clock saw. */
export function recordOf(exchanged: Exchanged, judge: Judge): RequestRecord {
  const { row, plannedMs, startMs, endMs, reply, bodyBytes, sentBytes } = exchanged;
  const { timings, status } = reply;
  const within = (ms: number): number => Math.min(endMs, Math.max(startMs, ms));
  const connectedMs = within(startMs + timings.blocked);
  const isSent = isBodySent(reply);
  const firstByteMs = status > 0 ? within(endMs - timings.receiving) : null;
  const isConnected = hasConnection(reply);
  const isNewSocket = timings.connecting > 0;
  return {
    ...unsent(row, plannedMs),
    startMs,
    connectedMs: isConnected && isNewSocket ? connectedMs : null,
    bodySentMs: isSent ? Math.min(within(connectedMs + timings.sending), firstByteMs ?? endMs) : null,
    firstByteMs,
    firstContentMs: reply.bytes > 0 ? firstByteMs : null,
    endMs,
    // Before it has a connection, k6 has sent no more than greetings of TLS.
    bytesOut: isSent ? bodyBytes : isConnected ? Math.min(bodyBytes, sentBytes ?? 0) : 0,
    bytesIn: reply.bytes,
    status: status > 0 ? status : null,
    reusedSocket: isNewSocket ? false : isSent || status > 0 ? true : null,
    ...outcomeOf(exchanged, judge),
  };
}
