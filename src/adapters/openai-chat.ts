import type { CallAdapter, ReplyCheck, Segment, StreamReader } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { checkMessage, completionTokens, finishFault, firstChoice, wordsIn } from './answers/chat-message.ts';
import { objectOf, readJsonReply } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { StreamReply } from './answers/stream-reply.ts';
import { jsonRequest, streamAccept } from './wire/json-request.ts';

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

export const openaiChat: CallAdapter = {
  kind: 'call',
  id: 'openai-chat',
  title: 'OpenAI chat: POST /v1/chat/completions, JSON with images as data URLs',
  accepts: ['text/plain'],

  request(item, options) {
    // `max_tokens`, since older servers do not know `max_completion_tokens`.
    const ask = { model: options.model, stream: options.stream, temperature: 0, max_tokens: answerTokens };
    const head = options.stream ? { ...ask, stream_options: { include_usage: true } } : ask;
    const wire = jsonRequest(options.path ?? '/v1/chat/completions', [
      `${JSON.stringify(head).slice(0, -1)},"messages":[{"role":"user","content":`,
      ...contentPieces(item),
      '}]}',
    ]);
    return options.stream ? { ...wire, headers: { ...wire.headers, ...streamAccept } } : wire;
  },

  judge(reply, item, options): ReplyCheck {
    const read = readJsonReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    const choice = firstChoice(read.value);
    const message = objectOf(choice?.['message']);
    if (choice === null || message === null) {
      return unreadReply(reply, { code: 'no_message', detail: 'The reply has no field "choices[0].message".' });
    }
    const judgement = checkMessage(wordsIn(message), item, options);
    const fault = finishFault(choice) ?? judgement.fault;
    return judgedReply(reply, { ...judgement, fault, outputTokens: completionTokens(read.value) });
  },

  readStream(item, options): StreamReader {
    const stream = new StreamReply();
    let aside = '';
    return {
      event(name, data) {
        const value = stream.read(name, data);
        stream.countTokens(completionTokens(value));
        const choice = firstChoice(value);
        if (choice === null) {
          return 'other';
        }
        if (typeof choice['finish_reason'] === 'string') {
          stream.end();
        }
        const gaveUp = finishFault(choice);
        if (gaveUp !== null) {
          stream.fail(gaveUp);
        }
        const words = wordsIn(objectOf(choice['delta']) ?? {});
        // That there was one is all that is judged of it.
        aside ||= words.aside.trim();
        const content = stream.append(words.content);
        return words.aside === '' ? content : 'content';
      },
      judge: () => stream.judged(() => checkMessage({ content: stream.text, aside }, item, options)),
    };
  },
};
