import { isFlac, readFlacHeader } from '../../base/flac-header.ts';
import { isWav, scanWav, type WavLayout, wavEncodings } from '../../base/wav.ts';
import type { ReplyView } from '../../model/adapter.ts';
import type { AnswerFault } from './answer-check.ts';

/** `seconds` is null where neither the bytes nor a header tell how long the audio is. */
export type AudioReply = { seconds: number | null } | { fault: NonNullable<AnswerFault> };

/** From here on a length is what a writer puts that does not know it: 0xffffffff, or 2 GiB less a header. */
const leastDummyBytes = 0x7fff_0000;
const searchedBytes = 4096;

function fault(code: string, detail: string): AudioReply {
  return { fault: { code, detail } };
}

/** Of the whole reply; null if it was cut and did not say its length. */
function replyBytes({ body, truncated, headers }: ReplyView): number | null {
  if (!truncated) {
    return body.length;
  }
  const declared = Number(headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(declared) && declared > body.length ? declared : null;
}

/** A header that a server wrote before it knew the length says 0 or nearly 4 GiB; both mean "until the end". */
function layoutOf(body: Uint8Array): { wav: WavLayout; isOpenEnded: boolean } | string {
  const scan = scanWav(body, Number.POSITIVE_INFINITY);
  if (scan.ok) {
    return { wav: scan.wav, isOpenEnded: scan.wav.dataBytes >= leastDummyBytes };
  }
  if (scan.fault !== 'empty_audio') {
    return scan.message;
  }
  const head = Buffer.from(body.subarray(0, searchedBytes));
  const at = head.indexOf('data', 12, 'latin1');
  if (at >= 0 && at + 8 <= head.length) {
    head.writeUInt32LE(leastDummyBytes, at + 4);
  }
  const opened = scanWav(head, Number.POSITIVE_INFINITY);
  return opened.ok ? { wav: opened.wav, isOpenEnded: true } : scan.message;
}

/** No voice gives a second of exact zeros; a server that lost its model does. */
function isSilence({ encoding, bitsPerSample }: WavLayout, samples: Uint8Array): boolean {
  const zeroIsSilence = encoding === wavEncodings.float || (encoding === wavEncodings.pcm && bitsPerSample > 8);
  return zeroIsSilence && samples.every((byte) => byte === 0);
}

function wavReply(reply: ReplyView): AudioReply {
  const layout = layoutOf(reply.body);
  if (typeof layout === 'string') {
    return fault('damaged_audio', layout);
  }
  const { wav, isOpenEnded } = layout;
  const whole = replyBytes(reply);
  const followingBytes = whole === null ? null : whole - wav.dataOffset;
  if (!isOpenEnded && followingBytes !== null && followingBytes < wav.dataBytes) {
    return fault('truncated_answer', `The WAV says ${wav.dataBytes} bytes of samples, but ${followingBytes} follow.`);
  }
  const dataBytes = isOpenEnded ? followingBytes : wav.dataBytes;
  if (dataBytes !== null && dataBytes < wav.frameBytes) {
    return fault('empty_answer', 'The WAV of the reply holds no sample.');
  }
  if (isSilence(wav, reply.body.subarray(wav.dataOffset))) {
    return fault('silent_answer', 'Every sample of the reply is zero.');
  }
  return { seconds: dataBytes === null ? null : dataBytes / wav.frameBytes / wav.sampleRate };
}

/** MP3 (with and without a tag), ADTS and Ogg, by their first bytes. */
function isOtherAudio(body: Uint8Array): boolean {
  const [first, second] = body;
  const isFrame = first === 0xff && second !== undefined && second >= 0xe0;
  const start = Buffer.from(body.subarray(0, 4)).toString('latin1');
  return isFrame || start.startsWith('ID3') || start === 'OggS';
}

/** What some servers say beside the audio. */
function saidSeconds({ headers }: ReplyView): number | null {
  const seconds = Number(headers['x-audio-duration'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

/** Reads a 2xx as audio; formats whose bytes do not tell their length leave it to the server's own header. */
export function readAudioReply(reply: ReplyView): AudioReply {
  const { body, headers } = reply;
  if (body.length === 0) {
    return fault('empty_answer', 'The reply has 0 bytes.');
  }
  if (isWav(body)) {
    return wavReply(reply);
  }
  if (isFlac(body)) {
    const { samples, sampleRate } = readFlacHeader(body) ?? { samples: null, sampleRate: 0 };
    return { seconds: samples === null || sampleRate === 0 ? saidSeconds(reply) : samples / sampleRate };
  }
  return isOtherAudio(body)
    ? { seconds: saidSeconds(reply) }
    : fault('not_audio', `The reply is ${headers['content-type'] ?? 'of no type'} and does not begin as audio.`);
}
