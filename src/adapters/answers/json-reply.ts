import type { ReplyView } from '../../model/adapter.ts';
import type { AnswerFault } from './answer-check.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a reply holds, or why it holds nothing that can be read. */
export type JsonReply = { value: unknown } | { fault: NonNullable<AnswerFault> };

// A server may put a whole traceback, or the request itself, where its error belongs.
const mostCodeCharacters = 64;
const mostDetailCharacters = 500;

/** null for arrays and for all that is no object. */
export function objectOf(value: unknown): JsonObject | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** What a server says of its own failure, as text or as an object with `code` and `message`, cut to a line. */
export function errorFault(error: unknown): NonNullable<AnswerFault> {
  const { code, message } = objectOf(error) ?? {};
  const text = typeof message === 'string' ? message : typeof error === 'string' ? error : JSON.stringify(error);
  return {
    code: typeof code === 'string' && code !== '' ? code.slice(0, mostCodeCharacters) : 'error_in_reply',
    detail: text.slice(0, mostDetailCharacters),
  };
}

/** Some servers always send the field: null, false and the empty text mean that there was no error. */
export function isError(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '';
}

/** An `error` in an object, or an object that says it is one. */
export function errorIn(value: unknown): AnswerFault {
  const { error, object, type } = objectOf(value) ?? {};
  if (isError(error)) {
    return errorFault(error);
  }
  return object === 'error' || type === 'error' ? errorFault(value) : null;
}

/** undefined = not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function textOfBody({ body }: Pick<ReplyView, 'body'>): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}

/** Reads a 2xx as JSON; an `error` in it, or an object that says it is one, is a failure that the status hides. */
export function readJsonReply(reply: ReplyView): JsonReply {
  const { length } = reply.body;
  if (reply.truncated) {
    return { fault: { code: 'reply_too_long', detail: `The reply is longer than the ${length} bytes that are kept.` } };
  }
  const value = parseJson(textOfBody(reply));
  if (value === undefined) {
    return { fault: { code: 'not_json', detail: `The reply of ${length} bytes is not JSON.` } };
  }
  const fault = errorIn(value);
  return fault === null ? { value } : { fault };
}
