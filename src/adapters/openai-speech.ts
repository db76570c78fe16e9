import type { CallAdapter, ReplyCheck, ReplyView, StreamReader } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { AnswerFault } from './answers/answer-check.ts';
import { readAudioReply } from './answers/audio-reply.ts';
import { objectOf, readJsonReply } from './answers/json-reply.ts';
import { type Judgement, judgedReply, unreadReply } from './answers/judged-reply.ts';
import { StreamReply } from './answers/stream-reply.ts';
import { StreamedAudio } from './answers/streamed-audio.ts';
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

function checkAudio(reply: ReplyView, item: CorpusItem): Judgement {
  const read = readAudioReply(reply);
  // No digest: two readings of one text are never the same bytes.
  return 'fault' in read
    ? { check: 'none', identity: null, fault: read.fault }
    : { check: 'consistency', identity: null, fault: durationFault(read.seconds, item) };
}

export const openaiSpeech: CallAdapter = {
  kind: 'call',
  id: 'openai-speech',
  title: 'OpenAI speech: POST /v1/audio/speech, JSON to audio',
  accepts: ['text/plain'],

  request(item, options) {
    // WAV, since its bytes tell how long it is.
    const stream = options.stream ? ',"stream_format":"sse"' : '';
    const wire = jsonRequest(options.path ?? '/v1/audio/speech', [
      `{"model":${JSON.stringify(options.model)},"voice":"alloy","response_format":"wav"${stream},"input":"`,
      { item, encoding: 'json' },
      '"}',
    ]);
    const accept = `${options.stream ? 'text/event-stream, ' : ''}audio/wav, audio/*`;
    return { ...wire, headers: { ...wire.headers, accept } };
  },

  judge(reply, item): ReplyCheck {
    const isJson = reply.headers['content-type']?.startsWith('application/json') === true || reply.body[0] === 0x7b;
    if (!isJson) {
      return judgedReply(reply, checkAudio(reply, item));
    }
    const read = readJsonReply(reply);
    const notAudio = { code: 'not_audio', detail: 'The reply is JSON, not audio.' };
    return unreadReply(reply, 'fault' in read ? read.fault : notAudio);
  },

  readStream(item): StreamReader {
    const stream = new StreamReply();
    const heard = new StreamedAudio();
    return {
      event(name, data) {
        const { type, audio, usage } = stream.read(name, data) ?? {};
        if (type === 'speech.audio.done') {
          stream.end();
          stream.countTokens(objectOf(usage)?.['output_tokens']);
        }
        if (type !== 'speech.audio.delta' || typeof audio !== 'string' || audio === '') {
          return 'other';
        }
        heard.append(audio);
        return 'content';
      },
      judge: () => stream.judged(() => checkAudio(heard.asReply(), item)),
    };
  },
};
