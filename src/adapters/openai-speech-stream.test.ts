import { describe, expect, it } from 'vitest';
import { wavHeaderOf } from '../base/wav.ts';
import { bodyOf, itemOf, knowing } from './answers/reply.fixture.ts';
import { readWhole, type StreamOutcome, streamOf } from './answers/stream.fixture.ts';
import { openaiSpeech } from './openai-speech.ts';

const text = itemOf('Text one.', { traits: { characters: 150 } });
const rate = 24_000;

function wav(seconds: number, value = 1): Buffer {
  return Buffer.concat([wavHeaderOf(rate, seconds * rate), Buffer.alloc(seconds * rate * 2, value)]);
}

/** In events of 20,000 bytes, which end within samples and triples. */
function deltas(audio: Buffer): object[] {
  return Array.from({ length: Math.ceil(audio.length / 20_000) }, (_, index) => ({
    type: 'speech.audio.delta',
    audio: audio.subarray(index * 20_000, (index + 1) * 20_000).toString('base64'),
  }));
}

const done = { type: 'speech.audio.done', usage: { input_tokens: 3, output_tokens: 90 } };

function read(events: readonly unknown[]): StreamOutcome {
  return readWhole(openaiSpeech.readStream?.(text, knowing), streamOf(...events));
}

it('asks for events only if a stream is wanted', () => {
  const sent = (stream: boolean): unknown =>
    JSON.parse(bodyOf(openaiSpeech.request(text, { ...knowing, stream })).toString());
  expect(sent(true)).toMatchObject({ stream_format: 'sse', input: 'Text one.' });
  expect(sent(false)).not.toHaveProperty('stream_format');
});

describe('streamed speech', () => {
  it('is ok if it is as long as the text, and each piece is content', () => {
    const { kinds, check } = read([...deltas(wav(10)), done]);
    expect(kinds.filter((kind) => kind === 'content')).toHaveLength(25);
    expect(check).toMatchObject({ ok: true, check: 'consistency', outputTokens: 90 });
  });

  it.each([
    ['its end is missing', deltas(wav(10)), 'short_stream'],
    ['a part of the text was left out', [...deltas(wav(4)), done], 'audio_too_short'],
    ['a piece was lost on the way', [...deltas(wav(10)).slice(0, 20), done], 'truncated_answer'],
    ['all samples are zero', [...deltas(wav(10, 0)), done], 'silent_answer'],
    ['there is no audio', [done], 'empty_answer'],
    ['an error stands in it', [...deltas(wav(10)), { type: 'error', message: 'x' }, done], 'error_in_reply'],
    ['it is not audio', [{ type: 'speech.audio.delta', audio: 'aGVsbG8=' }, done], 'not_audio'],
  ])('is no answer if %s', (_, events, code) => {
    expect(read(events).check).toMatchObject({ ok: false, code });
  });
});
