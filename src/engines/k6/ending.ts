import { getSystemErrorName } from 'node:util';
import { type Ending, timeoutCode } from '../native/outcome.ts';
import type { K6Reply } from './samples.ts';

// k6's table of error codes (lib/netext/httpext/error_codes.go of v2.2.0); tens and hundreds are groups.
const requestTimeout = 1050;
const noSuchHost = 1101;
const brokenPipe = 1201;
const dialTimeout = 1211;
const dialRefused = 1212;
const connectionReset = 1220;
const unknownAuthority = 1310;
const wrongHostname = 1311;

/** In the words that Node has for the same. */
const refusals: Readonly<Record<number, string>> = {
  [noSuchHost]: 'enotfound',
  [dialRefused]: 'econnrefused',
  [unknownAuthority]: 'unknown_authority',
  [wrongHostname]: 'err_tls_cert_altname_invalid',
};
/** A server that closes an idle connection and a request that takes it cross within so long. */
const keepAliveRaceMs = 250;
/** k6 has no code for these: the words are those of Go's net/http, which reads the answer. */
const notHttp = /malformed|invalid byte in chunk|bad Content-Length|transfer encoding/i;

function isOf(code: number, group: number, size: number): boolean {
  return code >= group && code < group + size;
}

/** k6 notes how long a connection was waited for once it stands, with TLS. */
export function hasConnection({ timings, status }: Pick<K6Reply, 'timings' | 'status'>): boolean {
  return timings.blocked > 0 || timings.sending > 0 || timings.waiting > 0 || status > 0;
}

/** k6 counts the writing of a body only once it is whole; a head alone takes some time too. */
export function isBodySent({ timings }: Pick<K6Reply, 'timings'>): boolean {
  return timings.sending > 0;
}

/** A failed system call that k6 has no code for stands in its text: ``dial: unknown errno `24` ``. */
function errnoName(error: string): string | null {
  const errno = Number(/unknown errno `?(\d+)/.exec(error)?.[1] ?? 0);
  const name = errno === 0 ? '' : getSystemErrorName(-errno);
  return /^E\w+$/.test(name) ? name.toLowerCase() : null;
}

function refusalCode({ code, error }: K6Reply): string {
  return refusals[code] ?? errnoName(error) ?? (isOf(code, 1300, 100) ? 'tls' : 'no_connection');
}

/** How a request without a whole answer ended (PROTOCOL 5). */
export function endingOf(reply: K6Reply, serviceMs: number): Ending {
  const { status, code, error, timings } = reply;
  const connected = hasConnection(reply) && code !== dialTimeout;
  if (code === requestTimeout || code === dialTimeout) {
    const at = { connected, bodySent: isBodySent(reply), responseStarted: status > 0, streaming: false };
    return { outcome: 'timeout', errorCode: timeoutCode(at) };
  }
  const isDialOrTls = isOf(code, 1100, 100) || isOf(code, 1210, 10) || isOf(code, 1300, 100);
  if (isDialOrTls) {
    return { outcome: 'refused', errorCode: refusalCode(reply) };
  }
  if (notHttp.test(error)) {
    return { outcome: 'closed_early', errorCode: 'protocol_error' };
  }
  const isRace = timings.connecting === 0 && status === 0 && serviceMs < keepAliveRaceMs;
  if (isOf(code, 1200, 100)) {
    const named = code === brokenPipe ? 'epipe' : code === connectionReset ? 'econnreset' : errnoName(error);
    return { outcome: 'reset', errorCode: isRace ? 'reused_socket' : (named ?? 'broken') };
  }
  const isShort = status > 0 || /unexpected EOF/.test(error);
  return { outcome: 'closed_early', errorCode: isShort ? 'short_body' : isRace ? 'reused_socket' : 'no_response' };
}
