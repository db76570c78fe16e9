import type { AdapterOptions } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { AnswerFault } from './answer-check.ts';
import { checkCodeWord } from './answer-text.ts';
import { type JsonObject, objectOf } from './json-reply.ts';
import type { Judgement } from './judged-reply.ts';

/** What a model says, and what it thinks or why it refuses: output too, but no answer. */
export interface ChatWords {
  content: string;
  aside: string;
}

/** A string, or the texts of its parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') {
    return content;
  }
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  return parts
    .map((part) => objectOf(part)?.['text'])
    .filter((text) => typeof text === 'string')
    .join('');
}

/** Of a message, or of a piece of one. */
export function wordsIn(message: JsonObject): ChatWords {
  const aside = ['reasoning_content', 'reasoning', 'refusal'].map((key) => textOf(message[key])).join('');
  return { content: textOf(message['content']), aside };
}

/** null where there is none, as in the chunk that holds the usage. */
export function firstChoice(value: unknown): JsonObject | null {
  const choices = objectOf(value)?.['choices'];
  return Array.isArray(choices) ? objectOf(choices[0]) : null;
}

/** vLLM and SGLang end a request of their own accord in this way, with the status of a success. */
export function finishFault(choice: JsonObject): AnswerFault {
  const reason = choice['finish_reason'];
  return reason === 'abort' || reason === 'error'
    ? { code: `finish_${reason}`, detail: `The server gave the request up: finish_reason is "${reason}".` }
    : null;
}

export function completionTokens(value: unknown): number | null {
  const count = objectOf(objectOf(value)?.['usage'])?.['completion_tokens'];
  return typeof count === 'number' && Number.isFinite(count) ? count : null;
}

/** A model that used its tokens up on thinking has answered; one without a word has not. */
export function checkMessage({ content, aside }: ChatWords, item: CorpusItem, options: AdapterOptions): Judgement {
  if (`${content}${aside}`.trim() === '') {
    const detail = 'The message of the reply is empty.';
    return { check: 'consistency', identity: null, fault: { code: 'empty_answer', detail } };
  }
  return checkCodeWord(content, item, options);
}
