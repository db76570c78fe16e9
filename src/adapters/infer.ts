import type { AdapterOptions, CallAdapter, ReplyCheck } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { AnswerFault } from './answers/answer-check.ts';
import { codeWordFault } from './answers/code-word.ts';
import { objectOf, readJsonReply } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { jsonRequest } from './wire/json-request.ts';

const top = 5;
/** Fewer tokens than this are shared by honest accident. */
const tokensOfAnIdentity = 3;
/** Words of its own with which each prompt begins, with room for a few more. */
const ownStartBytes = 12;
// Rounded sums of probabilities end a little above 1.
const mostProbability = 1.001;

type Predictions = { tokens: string[] } | { fault: NonNullable<AnswerFault> };

function isProbability(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0 && value <= mostProbability);
}

function predictionsIn(value: unknown): Predictions {
  const list: unknown = objectOf(value)?.['predictions'];
  if (!Array.isArray(list)) {
    return { fault: { code: 'no_predictions', detail: 'The reply has no field "predictions" with a list.' } };
  }
  const predictions = list.map(objectOf);
  const tokens = predictions.map((prediction) => prediction?.['token']).filter((token) => typeof token === 'string');
  if (list.length === 0) {
    return { fault: { code: 'empty_answer', detail: 'The list of predictions is empty.' } };
  }
  if (tokens.length < list.length) {
    return { fault: { code: 'no_token', detail: 'A prediction has no field "token" with a string.' } };
  }
  const wrong = predictions.find((prediction) => !isProbability(prediction?.['probability']));
  return wrong === undefined
    ? { tokens }
    : { fault: { code: 'not_a_probability', detail: `A probability is ${JSON.stringify(wrong?.['probability'])}.` } };
}

/** Servers repeat the prompt; if it is not the one that was sent, the reply is another's. */
function promptFault(value: unknown, item: CorpusItem): AnswerFault {
  const prompt = objectOf(value)?.['prompt'];
  if (typeof prompt !== 'string' || item.content !== 'code') {
    return null;
  }
  const start = Array.from(item.chunks({ start: 0, end: ownStartBytes }), (chunk) =>
    Buffer.from(chunk).toString('latin1'),
  ).join('');
  return prompt.includes(start)
    ? null
    : { code: 'wrong_answer', detail: 'The prompt that the reply repeats is not the one that was sent.' };
}

function tokensFault(tokens: readonly string[], item: CorpusItem, options: AdapterOptions): AnswerFault {
  const { answer } = item.truth;
  return options.check === 'tokens' && answer !== undefined ? codeWordFault(tokens.join(' '), answer) : null;
}

export const infer: CallAdapter = {
  kind: 'call',
  id: 'infer',
  title: 'Next tokens of a prompt: POST /v1/infer, JSON',
  accepts: ['text/plain'],

  request(item, options) {
    // `dense` is the whole forward pass, the one that needs all weights.
    return jsonRequest(options.path ?? '/v1/infer', [
      '{"prompt":"',
      { item, encoding: 'json' },
      `","top":${top},"mode":"dense"}`,
    ]);
  },

  judge(reply, item, options): ReplyCheck {
    const read = readJsonReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    const predictions = predictionsIn(read.value);
    if ('fault' in predictions) {
      return unreadReply(reply, predictions.fault);
    }
    const { tokens } = predictions;
    const identity = tokens.length < tokensOfAnIdentity ? null : JSON.stringify(tokens);
    const isEcho = options.check === 'tokens' && item.truth['answer'] !== undefined;
    const fault = promptFault(read.value, item) ?? tokensFault(tokens, item, options);
    return judgedReply(reply, { check: isEcho ? 'answer' : 'consistency', identity, fault });
  },
};
