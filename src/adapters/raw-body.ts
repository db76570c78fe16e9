import type { CallAdapter, ReplyCheck, ReplyView } from '../model/adapter.ts';
import { checkAnswerText, findAnswerText } from './answers/answer-text.ts';
import { textOfBody } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { readPlainReply } from './answers/plain-reply.ts';

function plainText(reply: ReplyView): string | null {
  return reply.headers['content-type']?.startsWith('text/plain') === true ? textOfBody(reply) : null;
}

export const rawBody: CallAdapter = {
  kind: 'call',
  id: 'raw-body',
  title: 'The item as the whole body: POST /predictions/MODEL, as TorchServe and Ray Serve take it',
  accepts: ['audio/', 'image/', 'text/plain'],

  request(item, options) {
    return {
      method: 'POST',
      path: options.path ?? `/predictions/${encodeURIComponent(options.model)}`,
      headers: { accept: 'application/json, */*', 'content-type': item.mediaType },
      segments: [{ item }],
    };
  },

  judge(reply, item, options): ReplyCheck {
    const read = readPlainReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    // A long reply may be a picture or a tensor; it is an answer of which nothing is proven.
    if (reply.truncated) {
      return judgedReply(reply, { check: 'none', identity: null, fault: null });
    }
    const text = read.value === undefined ? plainText(reply) : findAnswerText(read.value);
    return judgedReply(
      reply,
      text === null ? { check: 'consistency', identity: null, fault: null } : checkAnswerText(text, item, options),
    );
  },
};
