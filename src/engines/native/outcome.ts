import { messageOf, systemCodeOf } from '../../base/errors.ts';
import type { Outcome } from '../../model/record.ts';

/** What is known of an exchange at the moment it broke. */
export interface BreakFacts {
  error: unknown;
  connected: boolean;
  reusedSocket: boolean;
  responseStarted: boolean;
  sinceStartMs: number;
}

export interface Ending {
  outcome: Outcome;
  errorCode: string | null;
}

// A server that closes an idle connection and a request that takes it cross within one round trip.
// Later than this the server had the request, and the break is its own.
const keepAliveRaceMs = 250;

/** Node reports a FIN as ECONNRESET too, but only a failed system call names one. */
function isSystemCall(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** Node names the reason of a stream's end (RFC 9113, 7) in its message only. */
function streamCode(error: unknown): string {
  return /NGHTTP2_(\w+)/.exec(messageOf(error))?.[1]?.toLowerCase() ?? 'session_gone';
}

function brokenConnection(facts: BreakFacts): Ending {
  const code = systemCodeOf(facts.error);
  if (code === 'EPROTOCOL') {
    return { outcome: 'closed_early', errorCode: 'protocol_error' };
  }
  if (code?.startsWith('ERR_HTTP2_') === true) {
    return { outcome: 'reset', errorCode: streamCode(facts.error) };
  }
  if (isSystemCall(facts.error)) {
    return { outcome: 'reset', errorCode: code?.toLowerCase() ?? 'broken' };
  }
  return { outcome: 'closed_early', errorCode: facts.responseStarted ? 'short_body' : 'no_response' };
}

/** Which outcome a broken exchange has (PROTOCOL 5). */
export function endingOfBreak(facts: BreakFacts): Ending {
  if (!facts.connected) {
    return { outcome: 'refused', errorCode: systemCodeOf(facts.error)?.toLowerCase() ?? 'no_connection' };
  }
  const ending = brokenConnection(facts);
  const isRace =
    facts.reusedSocket &&
    !facts.responseStarted &&
    facts.sinceStartMs < keepAliveRaceMs &&
    ending.errorCode !== 'protocol_error';
  return isRace ? { ...ending, errorCode: 'reused_socket' } : ending;
}

/** Where the exchange stood when its time was over. */
export function timeoutCode(at: {
  connected: boolean;
  bodySent: boolean;
  responseStarted: boolean;
  streaming: boolean;
}): string {
  if (!at.connected) {
    return 'while_connecting';
  }
  if (at.streaming) {
    return 'while_streaming';
  }
  if (at.responseStarted) {
    return 'while_receiving';
  }
  return at.bodySent ? 'while_waiting' : 'while_sending';
}

/** True where a server says in words that its accelerator ran out of memory. */
export function saysDeviceOutOfMemory(text: string): boolean {
  return /\b(?:cuda|hip|gpu|vram|device)\b.{0,40}out of memory|CUDA_ERROR_OUT_OF_MEMORY|torch\.\w*\.?OutOfMemoryError/is.test(
    text,
  );
}

function codeInJson(text: string): string | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed === null || typeof parsed !== 'object' || !('error' in parsed)) {
      return null;
    }
    const { error } = parsed;
    const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : null;
    return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? code : null;
  } catch {
    return null;
  }
}

/** The `errorCode` of a reply outside 2xx: what its body says, else the status. */
export function httpErrorCode(status: number, text: string): string {
  return saysDeviceOutOfMemory(text) ? 'device_out_of_memory' : (codeInJson(text) ?? `http_${status}`);
}
