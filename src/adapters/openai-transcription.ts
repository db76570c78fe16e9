import type { AdapterOptions, CallAdapter, ReplyCheck } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { CheckLevel } from '../model/record.ts';
import {
  type AnswerFault,
  compareWords,
  normalisedText,
  speaksCode,
  tokenFault,
  type WordCount,
} from './answers/answer-check.ts';
import { objectOf, readJsonReply } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { multipartRequest } from './wire/multipart.ts';

interface Checked {
  check: CheckLevel;
  fault: AnswerFault;
  words?: WordCount;
}

function checkAnswer(text: string, item: CorpusItem, options: AdapterOptions): Checked {
  // `truth` may be computed when it is read, so it is read only where it decides.
  if (item.content === 'code' && (options.check === 'tokens' || speaksCode(text))) {
    const planted = item.truth['tokens'];
    return planted === undefined
      ? { check: 'consistency', fault: null }
      : { check: 'tokens', fault: tokenFault(text, planted) };
  }
  // Recordings of the user's own are speech too, where a transcript came with them.
  const spoken = item.content === 'code' ? undefined : item.truth['text'];
  return spoken === undefined
    ? { check: 'consistency', fault: null }
    : { check: 'words', ...compareWords(text, spoken) };
}

export const openaiTranscription: CallAdapter = {
  kind: 'call',
  id: 'openai-transcription',
  title: 'OpenAI transcription: POST /v1/audio/transcriptions, multipart',
  accepts: ['audio/'],

  request(item, options) {
    const fields = { model: options.model, response_format: 'json' };
    return multipartRequest(options.path ?? '/v1/audio/transcriptions', item, fields);
  },

  judge(reply, item, options): ReplyCheck {
    const read = readJsonReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    const text = objectOf(read.value)?.['text'];
    if (typeof text !== 'string') {
      return unreadReply(reply, { code: 'no_text', detail: 'The reply has no field "text" with a string.' });
    }
    return judgedReply(reply, { ...checkAnswer(text, item, options), identity: normalisedText(text) });
  },
};
