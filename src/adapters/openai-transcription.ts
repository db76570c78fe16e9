import { sha256Hex } from '../base/digest.ts';
import type { AdapterOptions, CallAdapter, ReplyCheck, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { CheckLevel } from '../model/record.ts';
import {
  type AnswerFault,
  normalisedText,
  speaksCode,
  tokenFault,
  wordFault,
  wordsCompared,
} from './answers/answer-check.ts';

type Answer = { text: string } | { code: string; detail: string };

/** As browsers write it: a quote or a line break would end the header. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function messageIn(error: unknown): { code: string; detail: string } {
  if (error !== null && typeof error === 'object') {
    const code = 'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : 'error_in_reply';
    const detail = 'message' in error && typeof error.message === 'string' ? error.message : JSON.stringify(error);
    return { code, detail };
  }
  return { code: 'error_in_reply', detail: String(error) };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}

function answerIn(reply: ReplyView): Answer {
  if (reply.truncated) {
    return { code: 'reply_too_long', detail: `The reply is longer than the ${reply.body.length} bytes that are kept.` };
  }
  const parsed = parseJson(reply.body);
  if (parsed === undefined) {
    return { code: 'not_json', detail: `The reply of ${reply.body.length} bytes is not JSON.` };
  }
  if (parsed !== null && typeof parsed === 'object') {
    if ('error' in parsed && parsed.error !== null) {
      return messageIn(parsed.error);
    }
    if ('text' in parsed && typeof parsed.text === 'string') {
      return { text: parsed.text };
    }
  }
  return { code: 'no_text', detail: 'The reply has no field "text" with a string.' };
}

/** The best check that is possible, what it found, and for real speech how many words were wrong. */
interface Checked {
  check: CheckLevel;
  fault: AnswerFault;
  words?: { spoken: number; errors: number };
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
  const words = spoken === undefined ? null : wordsCompared(text, spoken);
  return spoken === undefined || words === null
    ? { check: 'consistency', fault: null }
    : { check: 'words', fault: wordFault(text, spoken), words };
}

export const openaiTranscription: CallAdapter = {
  id: 'openai-transcription',
  title: 'OpenAI transcription: POST /v1/audio/transcriptions, multipart',
  accepts: ['audio/'],

  request(item, options) {
    // From the item, so that the same item is the same bytes in every run.
    const boundary = `headroom-${sha256Hex(item.id).slice(0, 32)}`;
    const field = (name: string, value: string): string =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const head =
      field('model', options.model) +
      field('response_format', 'json') +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted(item.fileName)}"\r\n` +
      `Content-Type: ${item.mediaType}\r\n\r\n`;
    return {
      method: 'POST',
      path: options.path ?? '/v1/audio/transcriptions',
      headers: { accept: 'application/json', 'content-type': `multipart/form-data; boundary=${boundary}` },
      segments: [{ bytes: Buffer.from(head) }, { item }, { bytes: Buffer.from(`\r\n--${boundary}--\r\n`) }],
    };
  },

  judge(reply, item, options): ReplyCheck {
    const route = reply.headers['x-route'] ?? null;
    const answer = answerIn(reply);
    if ('code' in answer) {
      return { ok: false, check: 'none', answerDigest: null, route, ...answer };
    }
    const answerDigest = sha256Hex(normalisedText(answer.text)).slice(0, 16);
    const { fault, ...checked } = checkAnswer(answer.text, item, options);
    return fault === null
      ? { ok: true, ...checked, answerDigest, route }
      : { ok: false, ...checked, answerDigest, route, ...fault };
  },
};
