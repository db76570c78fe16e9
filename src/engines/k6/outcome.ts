import type { AdapterOptions, CallAdapter, ReplyCheck } from '../../model/adapter.ts';
import type { PlanRow } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { unsentRecord } from '../native/exchange.ts';
import { type Ending, httpErrorCode, saysDeviceOutOfMemory, timeoutCode } from '../native/outcome.ts';
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
  /** That left k6 with the head; null: not told, since the body was sent whole. */
  sentBytes: number | null;
}

/** The record of a row that was never sent; k6 repeats nothing. */
export function unsent(row: PlanRow, plannedMs: number): RequestRecord {
  return unsentRecord({ row, plannedMs, attempt: 1, retryOf: null });
}

// k6's table of error codes: tens and hundreds are groups.
const requestTimeout = 1050;
const dialTimeout = 1211;
const connectionReset = 1220;
const brokenPipe = 1201;
const refusals: Readonly<Record<number, string>> = {
  1101: 'enotfound',
  1212: 'econnrefused',
};
/** A server that closes an idle connection and a request that takes it cross within so long. */
const keepAliveRaceMs = 250;

function isConnectFailure(code: number): boolean {
  const isDns = code >= 1100 && code < 1200;
  const isDial = code >= 1210 && code < 1220;
  const isTls = code >= 1300 && code < 1400;
  return isDns || isDial || isTls;
}

/** k6 counts the writing of a body only once it is whole; a head alone takes some time too. */
export function isBodySent({ timings }: K6Reply): boolean {
  return timings.sending > 0;
}

function endingOf({ status, code, error, timings }: K6Reply, serviceMs: number): Ending {
  const connected = timings.connecting > 0 || timings.sending > 0 || timings.waiting > 0 || status > 0;
  if (code === requestTimeout || code === dialTimeout) {
    const at = {
      connected: connected || timings.blocked > 0,
      bodySent: timings.sending > 0,
      responseStarted: status > 0,
      streaming: false,
    };
    return { outcome: 'timeout', errorCode: timeoutCode(code === dialTimeout ? { ...at, connected: false } : at) };
  }
  if (isConnectFailure(code)) {
    return { outcome: 'refused', errorCode: refusals[code] ?? 'no_connection' };
  }
  if (/malformed HTTP/.test(error)) {
    return { outcome: 'http_error', errorCode: 'malformed_reply' };
  }
  const isRace = timings.connecting === 0 && status === 0 && serviceMs < keepAliveRaceMs;
  if (code === connectionReset || code === brokenPipe || (code >= 1200 && code < 1300)) {
    const errorCode = code === brokenPipe ? 'epipe' : code === connectionReset ? 'econnreset' : 'broken';
    return { outcome: 'reset', errorCode: isRace ? 'reused_socket' : errorCode };
  }
  const isShort = status > 0 || /unexpected EOF/.test(error);
  return { outcome: 'closed_early', errorCode: isShort ? 'short_body' : isRace ? 'reused_socket' : 'no_response' };
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
  const wasConnected = timings.connecting > 0;
  return {
    ...unsent(row, plannedMs),
    startMs,
    connectedMs: wasConnected ? connectedMs : null,
    bodySentMs: isSent ? Math.min(within(connectedMs + timings.sending), firstByteMs ?? endMs) : null,
    firstByteMs,
    firstContentMs: reply.bytes > 0 ? firstByteMs : null,
    endMs,
    bytesOut: isSent ? bodyBytes : Math.min(bodyBytes, sentBytes ?? 0),
    bytesIn: reply.bytes,
    status: status > 0 ? status : null,
    reusedSocket: wasConnected ? false : isSent || status > 0 ? true : null,
    ...outcomeOf(exchanged, judge),
  };
}
