import { describe, expect, it } from 'vitest';
import { bodyOf, itemOf, knowing, unknowing } from './answers/reply.fixture.ts';
import { readWhole, type StreamOutcome, streamOf } from './answers/stream.fixture.ts';
import { openaiChat } from './openai-chat.ts';

const answer = 'lamp-tree-moon';
const prompt = itemOf(`The code word is ${answer}.`, { truth: { answer } });

function chunk(delta: object, finish: string | null = null): object {
  return {
    id: 'c',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
    usage: null,
  };
}

const role = chunk({ role: 'assistant', content: '' });
const last = chunk({}, 'stop');
const usage = { object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 9, completion_tokens: 7 } };
const outOfMemory = { error: { message: 'CUDA out of memory', type: 'InternalServerError', param: null, code: 500 } };

function read(events: readonly unknown[], options = knowing): StreamOutcome {
  return readWhole(openaiChat.readStream?.(prompt, options), streamOf(...events));
}

describe('a request for a streamed chat', () => {
  it('asks for the stream and for its usage', () => {
    const wire = openaiChat.request(prompt, { ...knowing, stream: true });
    expect(JSON.parse(bodyOf(wire).toString())).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(wire.headers['accept']).toContain('text/event-stream');
  });
});

describe('a streamed chat', () => {
  it('has its first content after the role, counts tokens and is checked by the code word', () => {
    const events = [role, chunk({ content: 'lamp-tree' }), chunk({ content: '-moon' }), last, usage, '[DONE]'];
    const { kinds, check } = read(events);
    expect(kinds).toEqual(['other', 'content', 'content', 'other', 'other', 'other']);
    expect(check).toMatchObject({ ok: true, check: 'answer', outputTokens: 7 });
  });

  it.each([
    ['a last word without [DONE]', [role, chunk({ content: answer }), last]],
    ['[DONE] without a reason to finish', [chunk({ content: answer }), '[DONE]']],
    ['the reason in the chunk of the last word', [chunk({ content: answer }, 'length')]],
    ['events of other kinds between', ['', chunk({ content: answer }), { type: 'x' }, last]],
    ['an empty error field in each chunk', [{ ...chunk({ content: answer }), error: null }, last]],
  ])('is ok with %s', (_, events) => {
    expect(read(events).check).toMatchObject({ ok: true, check: 'answer', outputTokens: null });
  });

  it('is ok with a model that only thinks, whose thoughts are its first output', () => {
    const { kinds, check } = read([role, chunk({ reasoning_content: 'Hm.' }), last], unknowing);
    expect(kinds).toEqual(['other', 'content', 'other']);
    expect(check).toMatchObject({ ok: true, check: 'consistency' });
  });

  it('is ok with any words of a model that may miss the code word', () => {
    expect(read([chunk({ content: 'I do not know.' }), last], unknowing).check.ok).toBe(true);
  });

  it.each([
    ['an error stands in it, though [DONE] follows', [role, outOfMemory, '[DONE]'], 'error_in_reply'],
    [
      'an error comes after the whole answer',
      [chunk({ content: answer }), last, outOfMemory, '[DONE]'],
      'error_in_reply',
    ],
    ['it ends in the middle', [role, chunk({ content: answer })], 'short_stream'],
    ['it has no event at all', [], 'short_stream'],
    ['it is done before a word was said', [role, last, '[DONE]'], 'empty_answer'],
    ['an event is no JSON', [role, '{"choices":[', '[DONE]'], 'not_json'],
    ['the server gave it up', [role, chunk({ content: answer }, 'abort'), '[DONE]'], 'finish_abort'],
    ["it holds another prompt's code word", [chunk({ content: 'lamp-tree-wood' }), last], 'wrong_answer'],
  ])('is no answer if %s', (_, events, code) => {
    expect(read(events).check).toMatchObject({ ok: false, code });
  });

  it('is no answer if an event is called an error', () => {
    const text = `event: error\ndata: worker died\n\n${streamOf('[DONE]')}`;
    expect(readWhole(openaiChat.readStream?.(prompt, knowing), text).check).toMatchObject({
      ok: false,
      code: 'error_in_reply',
      detail: 'worker died',
    });
  });

  it('takes an event of a kind of its own for nothing, whatever it holds', () => {
    const text = `event: ping\ndata: now\n\n${streamOf(chunk({ content: answer }), '[DONE]')}`;
    expect(readWhole(openaiChat.readStream?.(prompt, knowing), text).check.ok).toBe(true);
  });

  it('keeps no more than a million characters of a model that does not stop', () => {
    const reader = openaiChat.readStream?.(prompt, knowing);
    const piece = JSON.stringify(chunk({ content: 'word '.repeat(10_000) }));
    for (let event = 0; event < 25; event += 1) {
      reader?.event(null, piece);
    }
    expect(reader?.judge()).toMatchObject({ ok: false, code: 'reply_too_long' });
  });
});
