import type { AdapterOptions, CallAdapter, ReplyCheck, ReplyView, StreamReader } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { AnswerFault } from './answers/answer-check.ts';
import { completionTokens, firstChoice } from './answers/chat-message.ts';
import { type JsonObject, objectOf, readJsonReply, textOfBody } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { StreamReply } from './answers/stream-reply.ts';
import { checkTranscript } from './answers/transcript.ts';
import { streamAccept } from './wire/json-request.ts';
import { multipartRequest } from './wire/multipart.ts';

/** What a server says it heard may be rounded, and a decoder adds or drops a frame. */
const toleratedSeconds = 2;
const toleratedShare = 0.1;

/** `verbose_json` has it as a number, or in vLLM as a string; null where it is not said. */
function heardSeconds(value: unknown): number | null {
  const duration = objectOf(value)?.['duration'];
  const seconds = typeof duration === 'string' && duration.trim() !== '' ? Number(duration) : duration;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

/** Servers mean different things by it, so only a target that we know can fail by it. */
function durationFault(value: unknown, item: CorpusItem, options: AdapterOptions): AnswerFault {
  const heard = heardSeconds(value);
  const sent = item.traits['audioSeconds'];
  if (options.check === 'auto' || heard === null || sent === undefined) {
    return null;
  }
  return Math.abs(heard - sent) <= Math.max(toleratedSeconds, sent * toleratedShare)
    ? null
    : { code: 'wrong_duration', detail: `The server heard ${heard} s of audio; ${sent} s were sent.` };
}

function isPlainText({ headers, truncated }: ReplyView): boolean {
  return !truncated && headers['content-type']?.startsWith('text/plain') === true;
}

function outputTokens(value: unknown): number | null {
  const count = objectOf(objectOf(value)?.['usage'])?.['output_tokens'];
  return typeof count === 'number' ? count : null;
}

/** `transcript.text.delta` and `.done`: OpenAI's dialect. */
function takeTyped(stream: StreamReply, value: JsonObject): 'content' | 'other' {
  const { type, delta, text } = value;
  if (type === 'transcript.text.delta' && typeof delta === 'string') {
    return stream.append(delta);
  }
  if (type === 'transcript.text.done') {
    stream.end();
    stream.countTokens(outputTokens(value));
    if (typeof text === 'string') {
      const isFirst = stream.text === '';
      stream.replaceText(text);
      return isFirst && text !== '' ? 'content' : 'other';
    }
  }
  return 'other';
}

/** `transcription.chunk`: vLLM's dialect, in the shape of its chat. */
function takeChunk(stream: StreamReply, value: JsonObject): 'content' | 'other' {
  stream.countTokens(completionTokens(value));
  const choice = firstChoice(value);
  if (typeof choice?.['finish_reason'] === 'string') {
    stream.end();
  }
  const content = objectOf(choice?.['delta'])?.['content'];
  return typeof content === 'string' ? stream.append(content) : 'other';
}

export const openaiTranscription: CallAdapter = {
  kind: 'call',
  id: 'openai-transcription',
  title: 'OpenAI transcription: POST /v1/audio/transcriptions, multipart',
  accepts: ['audio/'],

  request(item, options) {
    const fields = { model: options.model, response_format: 'json' };
    const path = options.path ?? '/v1/audio/transcriptions';
    if (!options.stream) {
      return multipartRequest(path, item, fields);
    }
    const wire = multipartRequest(path, item, { ...fields, stream: 'true' });
    return { ...wire, headers: { ...wire.headers, ...streamAccept } };
  },

  judge(reply, item, options): ReplyCheck {
    // Some servers know one format only; `{` is what a JSON body of the wrong type begins with.
    if (isPlainText(reply) && reply.body[0] !== 0x7b) {
      return judgedReply(reply, checkTranscript(textOfBody(reply), item, options));
    }
    const read = readJsonReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    const text = objectOf(read.value)?.['text'];
    if (typeof text !== 'string') {
      return unreadReply(reply, { code: 'no_text', detail: 'The reply has no field "text" with a string.' });
    }
    const judgement = checkTranscript(text, item, options);
    const fault = judgement.fault ?? durationFault(read.value, item, options);
    return judgedReply(reply, { ...judgement, fault, outputTokens: outputTokens(read.value) });
  },

  readStream(item, options): StreamReader {
    const stream = new StreamReply();
    return {
      event(name, data) {
        const value = stream.read(name, data);
        if (value === null) {
          return 'other';
        }
        return typeof value['type'] === 'string' ? takeTyped(stream, value) : takeChunk(stream, value);
      },
      judge: () => stream.judged(() => checkTranscript(stream.text, item, options)),
    };
  },
};
