import type { CallAdapter, ReplyCheck } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { AnswerFault } from './answers/answer-check.ts';
import { readAudioReply } from './answers/audio-reply.ts';
import { readJsonReply } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { jsonRequest } from './wire/json-request.ts';

// Speech runs at 10 to 20 characters per second; beyond these no voice is meant.
const mostCharactersPerSecond = 30;
const leastCharactersPerSecond = 5;
/** Silence that voices put before and after. */
const paddingSeconds = 3;

function durationFault(seconds: number | null, item: CorpusItem): AnswerFault {
  if (seconds === null) {
    return null;
  }
  const characters = item.traits['characters'] ?? item.bytes;
  const said = `${seconds.toFixed(1)} s of audio for ${characters} characters`;
  if (seconds < characters / mostCharactersPerSecond) {
    return { code: 'audio_too_short', detail: `${said}: a part of the text was not spoken.` };
  }
  return seconds > characters / leastCharactersPerSecond + paddingSeconds
    ? { code: 'audio_too_long', detail: `${said}: more was spoken than the text.` }
    : null;
}

export const openaiSpeech: CallAdapter = {
  kind: 'call',
  id: 'openai-speech',
  title: 'OpenAI speech: POST /v1/audio/speech, JSON to audio',
  accepts: ['text/plain'],

  request(item, options) {
    // WAV, since its bytes tell how long it is.
    const wire = jsonRequest(options.path ?? '/v1/audio/speech', [
      `{"model":${JSON.stringify(options.model)},"voice":"alloy","response_format":"wav","input":"`,
      { item, encoding: 'json' },
      '"}',
    ]);
    return { ...wire, headers: { ...wire.headers, accept: 'audio/wav, audio/*' } };
  },

  judge(reply, item): ReplyCheck {
    const isJson = reply.headers['content-type']?.startsWith('application/json') === true || reply.body[0] === 0x7b;
    const read = isJson ? readJsonReply(reply) : readAudioReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    if ('value' in read) {
      return unreadReply(reply, { code: 'not_audio', detail: 'The reply is JSON, not audio.' });
    }
    // No digest: two readings of one text are never the same bytes.
    return judgedReply(reply, { check: 'consistency', identity: null, fault: durationFault(read.seconds, item) });
  },
};
