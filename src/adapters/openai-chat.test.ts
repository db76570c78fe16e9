import { describe, expect, it } from 'vitest';
import type { AdapterOptions, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { openaiChat } from './openai-chat.ts';

const answer = 'lamp-tree-moon';
const prompt = itemOf(`The code word is ${answer}.\nWhat is the "code word"?`, { truth: { answer } });
const foreign = itemOf('Tell me a story.', { content: 'import' });

function said(message: unknown, parts: Record<string, unknown> = {}): ReplyView {
  const held = typeof message === 'string' ? { role: 'assistant', content: message } : message;
  const choices = [{ index: 0, message: held, finish_reason: 'stop' }];
  return replyOf({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm', choices, ...parts });
}

describe('a chat request', () => {
  it('holds the text as one string where there are no images', () => {
    const wire = openaiChat.request(prompt, knowing);
    expect(wire).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
    expect(JSON.parse(bodyOf(wire).toString())).toEqual({
      model: 'tiny "1"',
      stream: false,
      temperature: 0,
      max_tokens: 64,
      messages: [{ role: 'user', content: `The code word is ${answer}.\nWhat is the "code word"?` }],
    });
  });

  it.each([0, 1, 2, 3, 49_151, 100_000])('holds an image of %i bytes as a data URL after the text', (bytes) => {
    const pixels = Uint8Array.from({ length: bytes }, (_, index) => (index * 31) & 255);
    const image = itemOf(pixels, { id: 'image-1', mediaType: 'image/jpeg' });
    const other = itemOf(Uint8Array.of(255), { id: 'image-2', mediaType: 'image/png' });
    const wire = openaiChat.request({ ...prompt, attachments: [image, other] }, knowing);
    const sent = JSON.parse(bodyOf(wire).toString()) as { messages: { content: unknown[] }[] };
    expect(sent.messages[0]?.content).toEqual([
      { type: 'text', text: `The code word is ${answer}.\nWhat is the "code word"?` },
      { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${Buffer.from(pixels).toString('base64')}` } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,/w==' } },
    ]);
  });

  it('goes to the path that was given', () => {
    expect(openaiChat.request(prompt, { ...knowing, path: '/chat' }).path).toBe('/chat');
  });
});

describe('a chat reply', () => {
  const good: readonly [string, ReplyView, CorpusItem, AdapterOptions, string][] = [
    ['the code word', said(answer), prompt, knowing, 'answer'],
    ['the code word in a sentence', said(`It is "Lamp-Tree-Moon".`), prompt, knowing, 'answer'],
    ['the code word with spaces', said('The code word is LAMP TREE MOON!'), prompt, knowing, 'answer'],
    ['the code word with hyphens of its own', said('lamp\u2011tree\u2011moon'), prompt, knowing, 'answer'],
    ['the code word from a target of which nothing is known', said(answer), prompt, unknowing, 'answer'],
    ['a code word that was honestly missed', said('I cannot find one.'), prompt, unknowing, 'consistency'],
    ['a code word that was honestly misread', said('lamp-tree-wood'), prompt, unknowing, 'consistency'],
    ['any text for a prompt without a code word', said('Once upon'), foreign, knowing, 'consistency'],
    [
      'thoughts that used up the tokens',
      said({ role: 'assistant', content: null, reasoning_content: 'The user wants' }),
      prompt,
      unknowing,
      'consistency',
    ],
    ['a refusal', said({ content: null, refusal: 'I cannot help.' }), prompt, unknowing, 'consistency'],
    ['content in parts', said({ content: [{ type: 'text', text: answer }] }), prompt, knowing, 'answer'],
    ['an error that is null', said(answer, { error: null }), prompt, knowing, 'answer'],
  ];
  it.each(good)('is ok with %s', (_, view, item, options, check) => {
    expect(openaiChat.judge(view, item, options)).toMatchObject({ ok: true, check });
  });

  const bad: readonly [string, ReplyView, AdapterOptions, string][] = [
    ['it says nothing', said(''), unknowing, 'empty_answer'],
    ['it says spaces', said(' \n'), unknowing, 'empty_answer'],
    ['its content is null', said({ role: 'assistant', content: null }), unknowing, 'empty_answer'],
    ['a target that can repeat the code word does not', said('I do not know.'), knowing, 'wrong_answer'],
    ["it holds another prompt's code word", said('lamp-tree-wood'), knowing, 'wrong_answer'],
    ['it holds half of the code word', said('lamp-tree'), knowing, 'wrong_answer'],
    ['an error hides in it', said(answer, { error: { code: 'oom', message: 'no memory' } }), knowing, 'oom'],
    ['it is an error that calls itself one', replyOf({ object: 'error', message: 'x' }), knowing, 'error_in_reply'],
    ['it has no choices', replyOf({ detail: 'Not Found' }), unknowing, 'no_message'],
    ['its list of choices is empty', replyOf({ choices: [] }), unknowing, 'no_message'],
    ['its choice is a text completion', replyOf({ choices: [{ text: answer }] }), unknowing, 'no_message'],
    ['it is no JSON', replyOf('<html>'), unknowing, 'not_json'],
    ['it is null', replyOf('null'), unknowing, 'no_message'],
    ['it is longer than what is kept', replyOf('{', { truncated: true }), unknowing, 'reply_too_long'],
  ];
  it.each(bad)('is no answer if %s', (_, view, options, code) => {
    expect(openaiChat.judge(view, prompt, options)).toMatchObject({ ok: false, code });
  });

  it('has a digest only if it holds a code word, whoever it belongs to', () => {
    const digest = (text: string): string | null => openaiChat.judge(said(text), prompt, unknowing).answerDigest;
    expect(digest('It is lamp-tree-wood.')).toBe(digest('LAMP-TREE-WOOD'));
    expect(digest(answer)).not.toBe(digest('lamp-tree-wood'));
    expect(digest('There is no code word in this well-known text.')).toBeNull();
  });

  it('names its route', () => {
    const view = { ...said(answer), headers: { 'x-route': 'cold' } };
    expect(openaiChat.judge(view, prompt, knowing).route).toBe('cold');
  });
});
