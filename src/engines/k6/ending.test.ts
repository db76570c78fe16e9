import { describe, expect, it } from 'vitest';
import { endingOf, hasConnection } from './ending.ts';
import type { K6Reply, K6Timings } from './samples.ts';

const nothing: K6Timings = {
  blocked: 0,
  connecting: 0,
  tls_handshaking: 0,
  sending: 0,
  waiting: 0,
  receiving: 0,
  duration: 0,
};
const dialed: K6Timings = { ...nothing, connecting: 0.1 };
const sending: K6Timings = { ...dialed, blocked: 0.2 };
const waiting: K6Timings = { ...sending, sending: 0.1 };
const reused: K6Timings = { ...waiting, connecting: 0 };

function replyOf(code: number, error: string, timings: K6Timings, status = 0): K6Reply {
  return { status, error, code, timings, headers: {}, bytes: 0, body: '' };
}

describe('the ending of a request that k6 got no whole answer to', () => {
  // Codes and texts as k6 v2.2.0 gave them to servers that do so.
  it.each<[string, K6Reply, string, string]>([
    ['nobody listens', replyOf(1212, 'dial: connection refused', nothing), 'refused', 'econnrefused'],
    ['the name has no address', replyOf(1101, 'lookup: no such host', nothing), 'refused', 'enotfound'],
    [
      'no descriptor is left',
      replyOf(1213, 'dial: unknown errno 24 error with msg `too many open files`', nothing),
      'refused',
      'emfile',
    ],
    ['no errno says more', replyOf(1210, 'dial: something', nothing), 'refused', 'no_connection'],
    ['nobody vouches for it', replyOf(1310, 'x509: unknown authority', dialed), 'refused', 'unknown_authority'],
    [
      'the certificate is of another',
      replyOf(1311, "x509: certificate doesn't match hostname", dialed),
      'refused',
      'err_tls_cert_altname_invalid',
    ],
    ['it does not speak TLS', replyOf(1301, 'tls: first record does not look like', dialed), 'refused', 'tls'],
    ['TLS is never answered', replyOf(1050, 'request timeout', dialed), 'timeout', 'while_connecting'],
    ['the dial takes too long', replyOf(1211, 'dial: i/o timeout', nothing), 'timeout', 'while_connecting'],
    ['the body is not read', replyOf(1050, 'request timeout', sending), 'timeout', 'while_sending'],
    ['no answer comes', replyOf(1050, 'request timeout', waiting), 'timeout', 'while_waiting'],
    ['it speaks of mail', replyOf(1000, 'malformed HTTP response "220"', waiting), 'closed_early', 'protocol_error'],
    ['a status is no number', replyOf(1000, 'malformed HTTP status code', reused), 'closed_early', 'protocol_error'],
    ['a header has no colon', replyOf(1000, 'malformed MIME header', waiting), 'closed_early', 'protocol_error'],
    ['a chunk has no length', replyOf(1000, 'invalid byte in chunk length', waiting), 'closed_early', 'protocol_error'],
    ['the length is no number', replyOf(1000, 'bad Content-Length "abc"', waiting), 'closed_early', 'protocol_error'],
    ['it closes', replyOf(1000, 'EOF', waiting), 'closed_early', 'no_response'],
    ['it closes an idle connection', replyOf(1000, 'EOF', reused), 'closed_early', 'reused_socket'],
    ['it closes inside the body', replyOf(1000, 'unexpected EOF', waiting), 'closed_early', 'short_body'],
    ['it resets', replyOf(1220, 'read: connection reset by peer', waiting), 'reset', 'econnreset'],
    ['it resets an idle connection', replyOf(1220, 'read: connection reset', reused), 'reset', 'reused_socket'],
    ['it reads no more', replyOf(1201, 'write: broken pipe', sending), 'reset', 'epipe'],
    [
      'the way to it is gone',
      replyOf(1202, 'read: unknown errno `113` on linux with message `no route`', waiting),
      'reset',
      'ehostunreach',
    ],
    ['the errno has no name', replyOf(1213, 'dial: unknown errno 9999 error', nothing), 'refused', 'no_connection'],
    ['a broken connection has no name', replyOf(1200, 'read: something', waiting), 'reset', 'broken'],
  ])('says of a server where %s what the other engines say', (_, reply, outcome, errorCode) => {
    expect(endingOf(reply, 20)).toEqual({ outcome, errorCode });
  });

  it('takes an idle connection for the cause only where the break came at once', () => {
    expect(endingOf(replyOf(1220, 'read: connection reset by peer', reused), 900).errorCode).toBe('econnreset');
  });

  it('has a connection only once TLS is agreed on', () => {
    expect([nothing, dialed, sending, reused].map((timings) => hasConnection({ timings, status: 0 }))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
