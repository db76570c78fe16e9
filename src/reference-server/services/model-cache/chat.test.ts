import { describe, expect, it } from 'vitest';
import { parseChat } from './chat.ts';

describe('parseChat', () => {
  it.each([
    ['a text', { messages: [{ content: 'no' }, { content: 'yes' }] }, { model: 'neighbour', prompt: 'yes' }],
    [
      'parts',
      { model: 'm', messages: [{ content: [{ type: 'text', text: 'a' }, { type: 'image_url' }, null] }] },
      { model: 'm', prompt: 'a' },
    ],
  ])('takes the last message, %s', (_what, body, expected) => {
    expect(parseChat(JSON.stringify(body))).toEqual(expected);
  });

  it.each([
    ['no JSON', '{', 'invalid_json'],
    ['null', 'null', 'invalid_json'],
    ['no messages', '{}', 'no_messages'],
    ['an empty list', '{"messages":[]}', 'no_messages'],
    ['a message that is null', '{"messages":[null]}', 'no_messages'],
    ['a content that is a number', '{"messages":[{"content":3}]}', 'no_messages'],
  ])('refuses %s with 400', (_why, text, code) => {
    expect(() => parseChat(text)).toThrow(expect.objectContaining({ status: 400, code }));
  });
});
