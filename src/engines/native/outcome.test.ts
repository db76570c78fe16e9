import { describe, expect, it } from 'vitest';
import { type BreakFacts, type Ending, endingOfBreak, httpErrorCode, timeoutCode } from './outcome.ts';

function failure(code: string, syscall?: string): Error {
  return Object.assign(new Error(code), { code }, syscall === undefined ? {} : { syscall });
}

class StreamError extends Error {
  readonly code = 'ERR_HTTP2_STREAM_ERROR';
}

const sent = { connected: true, reusedSocket: false, responseStarted: false, sinceStartMs: 1000 };

describe('the outcome of a broken exchange', () => {
  const table: readonly [string, BreakFacts, Ending][] = [
    [
      'a closed port refuses',
      { ...sent, connected: false, error: failure('ECONNREFUSED', 'connect') },
      { outcome: 'refused', errorCode: 'econnrefused' },
    ],
    [
      'an unknown host is no connection',
      { ...sent, connected: false, error: failure('ENOTFOUND', 'getaddrinfo') },
      { outcome: 'refused', errorCode: 'enotfound' },
    ],
    [
      'a handshake of the kernel that ends without an answer is no connection',
      { ...sent, connected: false, error: failure('ETIMEDOUT', 'connect') },
      { outcome: 'refused', errorCode: 'etimedout' },
    ],
    [
      'a certificate that is not trusted is no connection',
      { ...sent, connected: false, error: failure('DEPTH_ZERO_SELF_SIGNED_CERT') },
      { outcome: 'refused', errorCode: 'depth_zero_self_signed_cert' },
    ],
    [
      'a close before the connection stood is no connection',
      { ...sent, connected: false, error: null },
      { outcome: 'refused', errorCode: 'no_connection' },
    ],
    ['a RST resets', { ...sent, error: failure('ECONNRESET', 'read') }, { outcome: 'reset', errorCode: 'econnreset' }],
    [
      'a write into a closed socket resets',
      { ...sent, error: failure('EPIPE', 'write') },
      { outcome: 'reset', errorCode: 'epipe' },
    ],
    [
      'a kernel that gives up on a connection resets it',
      { ...sent, error: failure('ETIMEDOUT', 'read') },
      { outcome: 'reset', errorCode: 'etimedout' },
    ],
    [
      'a FIN without an answer closes early, though Node calls it ECONNRESET',
      { ...sent, error: failure('ECONNRESET') },
      { outcome: 'closed_early', errorCode: 'no_response' },
    ],
    [
      'a FIN inside the answer closes early',
      { ...sent, responseStarted: true, error: failure('ECONNRESET') },
      { outcome: 'closed_early', errorCode: 'short_body' },
    ],
    [
      'a RST inside the answer resets',
      { ...sent, responseStarted: true, error: failure('ECONNRESET', 'read') },
      { outcome: 'reset', errorCode: 'econnreset' },
    ],
    [
      'a reused connection that resets at once is the race of keep-alive',
      { ...sent, reusedSocket: true, sinceStartMs: 3, error: failure('ECONNRESET', 'read') },
      { outcome: 'reset', errorCode: 'reused_socket' },
    ],
    [
      'a reused connection that resets later is the server',
      { ...sent, reusedSocket: true, error: failure('ECONNRESET', 'read') },
      { outcome: 'reset', errorCode: 'econnreset' },
    ],
    [
      'a reused connection that breaks inside the answer is the server',
      { ...sent, reusedSocket: true, responseStarted: true, sinceStartMs: 3, error: failure('ECONNRESET', 'read') },
      { outcome: 'reset', errorCode: 'econnreset' },
    ],
    [
      'an answer that is no HTTP ends before it is whole',
      { ...sent, reusedSocket: true, sinceStartMs: 3, error: failure('EPROTOCOL') },
      { outcome: 'closed_early', errorCode: 'protocol_error' },
    ],
    [
      'a stream that the server refuses is reset with its reason',
      { ...sent, error: new StreamError('Stream closed with error code NGHTTP2_REFUSED_STREAM') },
      { outcome: 'reset', errorCode: 'refused_stream' },
    ],
    [
      'a session that is gone resets its streams',
      { ...sent, responseStarted: true, error: new StreamError('gone') },
      { outcome: 'reset', errorCode: 'session_gone' },
    ],
  ];
  it.each(table)('%s', (_, facts, ending) => {
    expect(endingOfBreak(facts)).toEqual(ending);
  });
});

describe('the code of a reply outside 2xx', () => {
  it.each([
    ['the status, if the body says nothing', 503, 'busy', 'http_503'],
    ['the status, if the body is empty', 500, '', 'http_500'],
    ['the code in a JSON error', 404, '{"error":{"code":"model_not_found"}}', 'model_not_found'],
    ['the status, if the code is a number', 500, '{"error":{"code":500}}', 'http_500'],
    ['the status, if the code is prose', 500, '{"error":{"code":"it broke, sorry"}}', 'http_500'],
    ['the status, if the error is a text', 500, '{"error":"boom"}', 'http_500'],
    [
      'the device, if its memory is out',
      500,
      'torch.OutOfMemoryError: CUDA out of memory. Tried',
      'device_out_of_memory',
    ],
    [
      'the device, if JSON says so',
      503,
      '{"error":{"code":"x","message":"CUDA error: out of memory"}}',
      'device_out_of_memory',
    ],
    ['the status, if the host is out of memory', 500, 'MemoryError: out of memory', 'http_500'],
  ])('is %s', (_, status, text, code) => {
    expect(httpErrorCode(status, text)).toBe(code);
  });
});

describe('the code of a timeout', () => {
  it.each([
    [{ connected: false, bodySent: false, responseStarted: false, streaming: false }, 'while_connecting'],
    [{ connected: true, bodySent: false, responseStarted: false, streaming: false }, 'while_sending'],
    [{ connected: true, bodySent: true, responseStarted: false, streaming: false }, 'while_waiting'],
    [{ connected: true, bodySent: false, responseStarted: true, streaming: false }, 'while_receiving'],
    [{ connected: true, bodySent: true, responseStarted: true, streaming: true }, 'while_streaming'],
  ])('of %o is %s', (at, code) => {
    expect(timeoutCode(at)).toBe(code);
  });
});
