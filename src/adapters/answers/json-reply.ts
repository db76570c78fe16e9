import type { ReplyView } from '../../model/adapter.ts';
import type { AnswerFault } from './answer-check.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a reply holds, or why it holds nothing that can be read. */
export type JsonReply = { value: unknown } | { fault: NonNullable<AnswerFault> };

/** null for arrays and for all that is no object. */
export function objectOf(value: unknown): JsonObject | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : null;
}

function faultOf(error: unknown): NonNullable<AnswerFault> {
  const object = objectOf(error);
  if (object === null) {
    return { code: 'error_in_reply', detail: String(error) };
  }
  const { code, message } = object;
  return {
    code: typeof code === 'string' && code !== '' ? code : 'error_in_reply',
    detail: typeof message === 'string' ? message : JSON.stringify(error),
  };
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Reads a 2xx as JSON; an `error` in it, or an object that says it is one, is a failure that the status hides. */
export function readJsonReply(reply: ReplyView): JsonReply {
  const { length } = reply.body;
  if (reply.truncated) {
    return { fault: { code: 'reply_too_long', detail: `The reply is longer than the ${length} bytes that are kept.` } };
  }
  const value = parsed(reply.body);
  if (value === undefined) {
    return { fault: { code: 'not_json', detail: `The reply of ${length} bytes is not JSON.` } };
  }
  const { error, object: kind } = objectOf(value) ?? {};
  if (error !== undefined && error !== null) {
    return { fault: faultOf(error) };
  }
  return kind === 'error' ? { fault: faultOf(value) } : { value };
}
