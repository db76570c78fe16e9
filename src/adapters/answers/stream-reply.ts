import { isCutEvent } from '../../base/sse.ts';
import type { ReplyCheck } from '../../model/adapter.ts';
import type { AnswerFault } from './answer-check.ts';
import { errorFault, errorIn, type JsonObject, objectOf, parseJson } from './json-reply.ts';
import { type Judgement, judgedReply } from './judged-reply.ts';

/** Eight hours of speech are half of this; a model that never stops must not fill our memory. */
const mostCharacters = 1024 * 1024;

type EventReading = { isDone: true } | { fault: NonNullable<AnswerFault> } | { value: JsonObject | null };

function readEvent(name: string | null, data: string): EventReading {
  if (isCutEvent(data)) {
    return {
      fault: { code: 'event_too_long', detail: `An event of the stream has ${data.length} characters or more.` },
    };
  }
  if (data.trim() === '[DONE]') {
    return { isDone: true };
  }
  const value = data.trim() === '' ? null : parseJson(data);
  if (name === 'error') {
    return { fault: errorIn(value) ?? errorFault(value ?? data) };
  }
  if (value === undefined) {
    // Events of a kind that we do not know may hold anything.
    return name === null || name === 'message'
      ? { fault: { code: 'not_json', detail: `An event of ${data.length} characters is not JSON.` } }
      : { value: null };
  }
  const fault = errorIn(value);
  return fault === null ? { value: objectOf(value) } : { fault };
}

/** What is kept of a streamed reply of JSON events: its text, whether it ended, and the first thing wrong. */
export class StreamReply {
  #text = '';
  #isCut = false;
  #hasEnded = false;
  #fault: AnswerFault = null;
  #outputTokens: number | null = null;

  /** The event's object; null if there is nothing in it for an adapter. An error counts though `[DONE]` follows. */
  read(name: string | null, data: string): JsonObject | null {
    const reading = readEvent(name, data);
    if ('isDone' in reading) {
      this.end();
      return null;
    }
    if ('fault' in reading) {
      this.fail(reading.fault);
      return null;
    }
    return reading.value;
  }

  fail(fault: NonNullable<AnswerFault>): void {
    this.#fault ??= fault;
  }

  /** Only a non-empty piece is content. */
  append(piece: string): 'content' | 'other' {
    const room = mostCharacters - this.#text.length;
    this.#isCut ||= piece.length > room;
    this.#text += piece.slice(0, room);
    return piece === '' ? 'other' : 'content';
  }

  /** Some formats say the whole text again at the end, which then is the answer. */
  replaceText(text: string): void {
    this.#text = '';
    this.append(text);
  }

  /** The server has said that this is all. */
  end(): void {
    this.#hasEnded = true;
  }

  /** The last count stands: some servers count on with every event. */
  countTokens(count: unknown): void {
    this.#outputTokens = typeof count === 'number' && Number.isFinite(count) ? count : this.#outputTokens;
  }

  get text(): string {
    return this.#text;
  }

  /** Judges the answer only if the stream was whole. */
  judged(judge: () => Judgement): ReplyCheck & { outputTokens: number | null } {
    const fault = this.#fault ?? this.#shape();
    const judgement: Judgement = fault === null ? judge() : { check: 'none', identity: null, fault };
    return { ...judgedReply({ headers: {} }, judgement), outputTokens: this.#outputTokens };
  }

  #shape(): AnswerFault {
    if (this.#isCut) {
      return {
        code: 'reply_too_long',
        detail: `The text is longer than the ${mostCharacters} characters that are kept.`,
      };
    }
    return this.#hasEnded
      ? null
      : { code: 'short_stream', detail: 'The stream ended without the event that says it is whole.' };
  }
}
