import type { CallAdapter, ReplyCheck, Segment } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { codeWordFault, codeWordIn, holdsAnswer } from './answers/code-word.ts';
import { objectOf, readJsonReply } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { jsonRequest } from './wire/json-request.ts';

/** Room for the code word and some politeness; the memory question is the prompt's, not the answer's. */
const answerTokens = 64;

function imagePieces(image: CorpusItem): (string | Segment)[] {
  return [
    `,{"type":"image_url","image_url":{"url":"data:${image.mediaType};base64,`,
    { item: image, encoding: 'base64' },
    '"}}',
  ];
}

/** The text comes first: its first words are the item's own, so no prefix cache holds any of it. */
function contentPieces(item: CorpusItem): (string | Segment)[] {
  const text: Segment = { item, encoding: 'json' };
  return item.attachments.length === 0
    ? ['"', text, '"']
    : ['[{"type":"text","text":"', text, '"}', ...item.attachments.flatMap(imagePieces), ']'];
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

/** What the model said, or thought when its tokens were used up before it spoke; null if there is no message. */
function messageIn(value: unknown): { content: string; isSilent: boolean } | null {
  const choices = objectOf(value)?.['choices'];
  const message = Array.isArray(choices) ? objectOf(objectOf(choices[0])?.['message']) : null;
  if (message === null) {
    return null;
  }
  const content = textOf(message['content']);
  const rest = ['reasoning_content', 'reasoning', 'refusal'].map((key) => textOf(message[key])).join('');
  return { content, isSilent: `${content}${rest}`.trim() === '' };
}

export const openaiChat: CallAdapter = {
  kind: 'call',
  id: 'openai-chat',
  title: 'OpenAI chat: POST /v1/chat/completions, JSON with images as data URLs',
  accepts: ['text/plain'],

  request(item, options) {
    // `max_tokens`, since older servers do not know `max_completion_tokens`.
    const head = { model: options.model, stream: false, temperature: 0, max_tokens: answerTokens };
    return jsonRequest(options.path ?? '/v1/chat/completions', [
      `${JSON.stringify(head).slice(0, -1)},"messages":[{"role":"user","content":`,
      ...contentPieces(item),
      '}]}',
    ]);
  },

  judge(reply, item, options): ReplyCheck {
    const read = readJsonReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    const message = messageIn(read.value);
    if (message === null) {
      return unreadReply(reply, { code: 'no_message', detail: 'The reply has no field "choices[0].message".' });
    }
    const { content, isSilent } = message;
    if (isSilent) {
      const detail = 'The message of the reply is empty.';
      return judgedReply(reply, { check: 'consistency', identity: null, fault: { code: 'empty_answer', detail } });
    }
    const { answer } = item.truth;
    const identity = codeWordIn(content);
    // A model may honestly miss the code word, so only a target that is known to repeat it can fail by it.
    if (answer === undefined || (options.check === 'auto' && !holdsAnswer(content, answer))) {
      return judgedReply(reply, { check: 'consistency', identity, fault: null });
    }
    return judgedReply(reply, { check: 'answer', identity, fault: codeWordFault(content, answer) });
  },
};
