import type { CallAdapter, ReplyCheck } from '../model/adapter.ts';
import { embeddingIdentity, readEmbedding } from './answers/embedding.ts';
import { objectOf, readJsonReply } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { jsonRequest } from './wire/json-request.ts';

export const openaiEmbeddings: CallAdapter = {
  kind: 'call',
  id: 'openai-embeddings',
  title: 'OpenAI embeddings: POST /v1/embeddings, JSON',
  accepts: ['text/plain'],

  request(item, options) {
    // No `encoding_format`: some servers refuse the field, and both forms are read.
    return jsonRequest(options.path ?? '/v1/embeddings', [
      `{"model":${JSON.stringify(options.model)},"input":"`,
      { item, encoding: 'json' },
      '"}',
    ]);
  },

  judge(reply): ReplyCheck {
    const read = readJsonReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    const data = objectOf(read.value)?.['data'];
    if (!Array.isArray(data)) {
      return unreadReply(reply, { code: 'no_embedding', detail: 'The reply has no field "data" with a list.' });
    }
    if (data.length !== 1) {
      const detail = `The reply has ${data.length} embeddings; one text was sent.`;
      return unreadReply(reply, { code: data.length === 0 ? 'empty_answer' : 'wrong_count', detail });
    }
    const embedding = readEmbedding(objectOf(data[0])?.['embedding']);
    return 'fault' in embedding
      ? unreadReply(reply, embedding.fault)
      : judgedReply(reply, {
          check: 'consistency',
          identity: embeddingIdentity(embedding.numbers),
          fault: null,
        });
  },
};
