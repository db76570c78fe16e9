import { describe, expect, it } from 'vitest';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { readWhole, type StreamOutcome, streamOf } from './answers/stream.fixture.ts';
import { openaiTranscription } from './openai-transcription.ts';

const planted = 'tere poze rino dako';
const clip = itemOf('abc', { mediaType: 'audio/wav', truth: { tokens: planted }, traits: { audioSeconds: 100 } });

const delta = (text: string): object => ({ type: 'transcript.text.delta', delta: text });
const done = (text: string): object => ({
  type: 'transcript.text.done',
  text,
  usage: { type: 'tokens', output_tokens: 8 },
});
const chunk = (content: string, finish: string | null = null): object => ({
  id: 'trsc-1',
  object: 'transcription.chunk',
  choices: [{ delta: { content }, finish_reason: finish }],
});
const usage = { object: 'transcription.chunk', choices: [], usage: { completion_tokens: 8 } };

function read(events: readonly unknown[], options = knowing): StreamOutcome {
  return readWhole(openaiTranscription.readStream?.(clip, options), streamOf(...events));
}

describe('a request for a streamed transcription', () => {
  it('has the field stream before the file, and only then', () => {
    expect(bodyOf(openaiTranscription.request(clip, { ...knowing, stream: true })).toString()).toMatch(
      /name="stream"\r\n\r\ntrue\r\n.*name="file"/s,
    );
    expect(bodyOf(openaiTranscription.request(clip, knowing)).toString()).not.toContain('name="stream"');
  });
});

describe('a streamed transcription', () => {
  it.each([
    ['one dialect', [delta('tere poze'), delta(' rino dako'), done(planted)], ['content', 'content', 'other']],
    ['the text only at its end', [done(planted)], ['content']],
    [
      'segments between, that are no text of their own',
      [delta(planted), { type: 'transcript.text.segment', text: planted }, done(planted)],
      ['content', 'other', 'other'],
    ],
    [
      'the other dialect',
      [chunk('tere poze'), chunk(' rino'), chunk(' dako', 'stop'), usage, '[DONE]'],
      ['content', 'content', 'content', 'other', 'other'],
    ],
  ])('is ok in %s', (_, events, kinds) => {
    const outcome = read(events);
    expect(outcome.kinds).toEqual(kinds);
    expect(outcome.check).toMatchObject({ ok: true, check: 'tokens', outputTokens: 8 });
  });

  it('is ok with prose where the target need not decode, with a digest of its words', () => {
    const outcome = read([delta('Thank you'), delta(' for watching.'), done('Thank you for watching.')], unknowing);
    expect(outcome.check).toMatchObject({ ok: true, check: 'consistency' });
    expect(outcome.check.answerDigest).toBe(
      openaiTranscription.judge(replyOf({ text: 'thank you for watching' }), clip, unknowing).answerDigest,
    );
  });

  it('is ok with silence where the target need not decode', () => {
    expect(read([done('')], unknowing).check.ok).toBe(true);
  });

  it.each([
    ['its end is missing', [delta('tere poze')], 'short_stream'],
    [
      'an error stands in it, though [DONE] follows',
      [chunk('tere'), { error: { message: 'x', code: 500 } }, '[DONE]'],
      'error_in_reply',
    ],
    ['another clip answers', [chunk('tere poze rino doko', 'stop')], 'wrong_answer'],
    ['a part is missing', [chunk('tere poze', 'stop')], 'truncated_answer'],
    ['nothing was heard', ['[DONE]'], 'empty_answer'],
    ['it is no JSON', ['<html>', '[DONE]'], 'not_json'],
  ])('is no answer if %s', (_, events, code) => {
    expect(read(events).check).toMatchObject({ ok: false, code });
  });
});

describe('a transcription in another format', () => {
  const plain = { headers: { 'content-type': 'text/plain; charset=utf-8' } };

  it.each([
    ['a text', replyOf(`${planted}\n`, plain), true],
    ['a length as a number', replyOf({ text: planted, duration: 100.02 }), true],
    ['a length as text, as vLLM gives it', replyOf({ text: planted, duration: '100.0' }), true],
    ['a length that nobody can read', replyOf({ text: planted, duration: 'long' }), true],
    ['no length', replyOf({ text: planted, duration: null }), true],
    ['another text', replyOf('tere poze rino doko', plain), false],
    ['half of the clip by a number', replyOf({ text: planted, duration: 50 }), false],
    ['half of the clip by text', replyOf({ text: planted, duration: '50.0' }), false],
    ['JSON that is called a text, with an error', replyOf('{"error":"no memory"}', plain), false],
  ])('with %s is judged as such', (_, view, ok) => {
    expect(openaiTranscription.judge(view, clip, knowing).ok).toBe(ok);
  });

  it('has any length it likes from a target of which nothing is known', () => {
    expect(openaiTranscription.judge(replyOf({ text: 'x', duration: 1 }), clip, unknowing).ok).toBe(true);
  });

  it('tells its output tokens', () => {
    const view = replyOf({ text: planted, usage: { type: 'tokens', output_tokens: 12 } });
    expect(openaiTranscription.judge(view, clip, knowing).outputTokens).toBe(12);
    expect(openaiTranscription.judge(replyOf({ text: planted }), clip, knowing).outputTokens).toBeNull();
  });
});
