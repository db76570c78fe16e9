import { describe, expect, it } from 'vitest';
import type { ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { rawBody } from './raw-body.ts';

const clip = itemOf('RIFFabc', { mediaType: 'audio/wav', truth: { tokens: 'tere poze' } });
const image = itemOf(Uint8Array.of(255, 216, 255), { mediaType: 'image/jpeg', truth: { imageId: '77' } });
const prompt = itemOf('Say it.', { truth: { answer: 'lamp-tree-moon' } });
const plain = { headers: { 'content-type': 'text/plain' } };

it('sends the item as it is, with its type, to the model', () => {
  const wire = rawBody.request(clip, knowing);
  expect(wire).toMatchObject({ method: 'POST', path: '/predictions/tiny%20%221%22' });
  expect(wire.headers['content-type']).toBe('audio/wav');
  expect(bodyOf(wire).toString()).toBe('RIFFabc');
  expect(rawBody.request(clip, { ...knowing, path: '/ray' }).path).toBe('/ray');
});

describe('the reply to a raw body', () => {
  const good: readonly [string, ReplyView, CorpusItem, string][] = [
    ['a field text', replyOf({ text: 'tere poze' }), clip, 'tokens'],
    ['a list of one', replyOf([{ generated_text: 'It is LAMP-TREE-MOON' }]), prompt, 'answer'],
    ['a bare string of JSON', replyOf('"tere poze"'), clip, 'tokens'],
    ['plain text', replyOf('tere poze\n', plain), clip, 'tokens'],
    ['classes', replyOf({ tabby: 0.4, tiger_cat: 0.3 }), image, 'consistency'],
    ['boxes', replyOf([{ label: 'car', box: [1, 2] }, { label: 'cat' }]), image, 'consistency'],
    ['no boxes', replyOf([]), image, 'consistency'],
    [
      'a picture',
      replyOf(Uint8Array.of(137, 80, 78, 71), { headers: { 'content-type': 'image/png' } }),
      image,
      'consistency',
    ],
    ['bytes that begin like JSON', replyOf(Uint8Array.of(0x5b, 1, 2)), image, 'consistency'],
    ['a long tensor', replyOf('[[0.1,', { truncated: true }), image, 'none'],
  ];
  it.each(good)('is ok with %s', (_, view, item, check) => {
    expect(rawBody.judge(view, item, item === image ? unknowing : knowing)).toMatchObject({ ok: true, check });
  });

  it.each([
    ['another clip answers', replyOf({ text: 'tere pozo' }), clip, 'wrong_answer'],
    ['another image answers', replyOf('78', plain), image, 'wrong_answer'],
    ['an error hides in it', replyOf({ error: 'Worker died' }), image, 'error_in_reply'],
  ])('is no answer if %s', (_, view, item, code) => {
    expect(rawBody.judge(view, item, knowing)).toMatchObject({ ok: false, code });
  });
});
