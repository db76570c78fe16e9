import type { ReplyView } from '../../model/adapter.ts';
import type { AnswerFault } from './answer-check.ts';
import { errorIn, parseJson, textOfBody } from './json-reply.ts';

const sniffedBytes = 256;

/** A page is what a proxy or a front answers in the place of a server. */
function isPage({ headers, body }: ReplyView): boolean {
  const start = Buffer.from(body.subarray(0, sniffedBytes)).toString('latin1').trimStart().toLowerCase();
  return (
    headers['content-type']?.startsWith('text/html') === true ||
    start.startsWith('<!doctype html') ||
    start.startsWith('<html')
  );
}

/** `value` undefined: the reply is not JSON, or too long to be read whole. */
export type PlainReply = { value: unknown } | { fault: NonNullable<AnswerFault> };

/** Reads a 2xx of which nothing is known but that it is an answer. */
export function readPlainReply(reply: ReplyView): PlainReply {
  if (reply.body.length === 0) {
    return { fault: { code: 'empty_answer', detail: 'The reply has 0 bytes.' } };
  }
  if (isPage(reply)) {
    return { fault: { code: 'not_an_answer', detail: 'The reply is an HTML page.' } };
  }
  const saysJson = /^application\/(.*\+)?json\b/.test(reply.headers['content-type'] ?? '');
  const looksJson = reply.body[0] === 0x7b || reply.body[0] === 0x5b || reply.body[0] === 0x22;
  if (reply.truncated || !(saysJson || looksJson)) {
    return { value: undefined };
  }
  const value = parseJson(textOfBody(reply));
  if (value === undefined && saysJson) {
    return { fault: { code: 'not_json', detail: `The reply of ${reply.body.length} bytes is not JSON.` } };
  }
  const fault = errorIn(value);
  return fault === null ? { value } : { fault };
}
