import { describe, expect, it } from 'vitest';
import { wavHeaderOf } from '../base/wav.ts';
import type { ReplyView } from '../model/adapter.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { openaiSpeech } from './openai-speech.ts';

const text = itemOf('Text one. Then say "door", garden.', { traits: { characters: 150 } });
const rate = 1000;

/** A WAV of some seconds at 1 kHz; `declared` stands in its header instead of its length. */
function wav(seconds: number, { declared, value = 1 }: { declared?: number; value?: number } = {}): Buffer {
  const samples = Math.round(seconds * rate);
  const file = Buffer.concat([wavHeaderOf(rate, samples), Buffer.alloc(samples * 2, value)]);
  if (declared !== undefined) {
    file.writeUInt32LE(declared, 40);
  }
  return file;
}

function flac(samples: number): Buffer {
  const head = Buffer.alloc(80);
  head.write('fLaC\0\0\0\x22', 'latin1');
  head.writeUInt32BE((rate << 12) | (15 << 4), 18);
  head.writeUInt32BE(samples, 22);
  return head;
}

const mp3 = Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1');
const mp3Type = { 'content-type': 'audio/mpeg' };

describe('a request for speech', () => {
  it('holds model, voice, format and the text', () => {
    const wire = openaiSpeech.request(text, knowing);
    expect(wire).toMatchObject({ method: 'POST', path: '/v1/audio/speech' });
    expect(wire.headers['accept']).toContain('audio/wav');
    expect(JSON.parse(bodyOf(wire).toString())).toEqual({
      model: 'tiny "1"',
      voice: 'alloy',
      response_format: 'wav',
      input: 'Text one. Then say "door", garden.',
    });
  });

  it('goes to the path that was given', () => {
    expect(openaiSpeech.request(text, { ...knowing, path: '/tts' }).path).toBe('/tts');
  });
});

describe('speech', () => {
  const half = wav(10);
  const good: readonly [string, ReplyView][] = [
    ['ten seconds for 150 characters', replyOf(wav(10))],
    ['five seconds, spoken fast', replyOf(wav(5))],
    ['thirty-two seconds, spoken slowly and with pauses', replyOf(wav(32))],
    ['a length that a pipe did not know', replyOf(wav(10, { declared: 0xffff_ffff }))],
    ['a length of 2 GiB', replyOf(wav(10, { declared: 0x7fff_ffdb }))],
    ['a length of 0 before the samples', replyOf(wav(10, { declared: 0 }))],
    [
      'more bytes than are kept, as announced',
      replyOf(half.subarray(0, 500), { truncated: true, headers: { 'content-length': String(half.length) } }),
    ],
    ['more bytes than are kept, of unknown length', replyOf(half.subarray(0, 500), { truncated: true })],
    [
      'more bytes than are kept, of a length nobody knows',
      replyOf(wav(10, { declared: 0xffff_ffff }).subarray(0, 500), { truncated: true }),
    ],
    ['FLAC of ten seconds', replyOf(flac(10 * rate))],
    ['FLAC of unknown length', replyOf(flac(0))],
    ['MP3, whose bytes do not tell', replyOf(mp3, { headers: mp3Type })],
    ['MP3 and a duration beside it', replyOf(mp3, { headers: { ...mp3Type, 'x-audio-duration': '9.8' } })],
    ['Ogg', replyOf(Buffer.from('OggS\0\x02', 'latin1'))],
    ['a bare MPEG frame', replyOf(Uint8Array.of(0xff, 0xf3, 0x44, 0))],
  ];
  it.each(good)('is ok with %s', (_, view) => {
    expect(openaiSpeech.judge(view, text, unknowing)).toMatchObject({
      ok: true,
      check: 'consistency',
      answerDigest: null,
    });
  });

  const bad: readonly [string, ReplyView, string][] = [
    ['there is nothing', replyOf(''), 'empty_answer'],
    ['there is only a header', replyOf(wav(0)), 'empty_answer'],
    ['all samples are zero', replyOf(wav(10, { value: 0 })), 'silent_answer'],
    ['a part of the text was left out', replyOf(wav(4)), 'audio_too_short'],
    ['it does not end', replyOf(wav(40)), 'audio_too_long'],
    ['FLAC is too short', replyOf(flac(rate)), 'audio_too_short'],
    ['the server says it is too short', replyOf(mp3, { headers: { 'x-audio-duration': '0.2' } }), 'audio_too_short'],
    ['the end is missing', replyOf(wav(10).subarray(0, 9000)), 'truncated_answer'],
    ['its header is damaged', replyOf(wav(10).fill(0, 12, 44)), 'damaged_audio'],
    ['an error hides in it', replyOf({ error: { code: 'oom', message: 'no memory' } }), 'oom'],
    ['it is JSON', replyOf({ status: 'queued' }, { headers: { 'content-type': 'application/json' } }), 'not_audio'],
    ['it is a page', replyOf('<html>', { headers: { 'content-type': 'text/html' } }), 'not_audio'],
  ];
  it.each(bad)('is no answer if %s', (_, view, code) => {
    expect(openaiSpeech.judge(view, text, unknowing)).toMatchObject({ ok: false, code });
  });

  it('is measured by the bytes of an imported text whose characters are not known', () => {
    const imported = itemOf('x'.repeat(150), { content: 'import' });
    expect(openaiSpeech.judge(replyOf(wav(10)), imported, unknowing).ok).toBe(true);
    expect(openaiSpeech.judge(replyOf(wav(1)), imported, unknowing).ok).toBe(false);
  });
});
