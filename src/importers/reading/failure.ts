import type { Outcome } from '../../model/record.ts';

/** Words in which tools tell a failure; the first that fits counts. Python's and Go's wordings. */
const wordings: readonly (readonly [RegExp, Outcome, string])[] = [
  [/cancel/i, 'cancelled', 'cancelled'],
  [/time ?d? ?out|timeout/i, 'timeout', 'timeout'],
  [/refused|cannot connect|no such host|name or service|getaddrinfo|unreachable/i, 'refused', 'connection_refused'],
  [/reset|broken pipe/i, 'reset', 'connection_reset'],
  [/\bEOF\b|disconnected|closed|incomplete|payload is not completed/i, 'closed_early', 'connection_closed'],
];

/** A failure told in words, with the HTTP status where the tool has one. */
export function failureOf(text: string, status: number | null): { outcome: Outcome; errorCode: string } {
  if (status !== null && status >= 400) {
    return { outcome: 'http_error', errorCode: `http_${status}` };
  }
  const found = wordings.find(([pattern]) => pattern.test(text));
  return found === undefined
    ? { outcome: 'http_error', errorCode: 'failed_without_cause' }
    : { outcome: found[1], errorCode: found[2] };
}
