import { describe, expect, it } from 'vitest';
import type { AdapterOptions, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { imageClassify } from './image-classify.ts';

const image = itemOf(Uint8Array.of(255, 216, 255), {
  id: 'images/00001',
  mediaType: 'image/jpeg',
  fileName: 'images "1".jpg',
  truth: { imageId: '4294967295' },
});
const small = itemOf(Uint8Array.of(255, 216, 255), { mediaType: 'image/jpeg' });
const predictions = [{ label: 'noise', score: 0.7 }];

describe('a request to classify', () => {
  it('is a multipart form that the platform reads back', async () => {
    const wire = imageClassify.request(image, knowing);
    expect(wire).toMatchObject({ method: 'POST', path: '/v1/images/classify' });
    const form = await new Response(bodyOf(wire), { headers: { ...wire.headers } }).formData();
    const file = form.get('file') as unknown as { name: string; type: string; arrayBuffer(): Promise<ArrayBuffer> };
    expect(file.name.replaceAll('%22', '"')).toBe('images "1".jpg');
    expect(file.type).toBe('image/jpeg');
    expect([...new Uint8Array(await file.arrayBuffer())]).toEqual([255, 216, 255]);
  });

  it('is the same bytes for the same image, and goes to the path that was given', () => {
    expect(bodyOf(imageClassify.request(image, knowing)).equals(bodyOf(imageClassify.request(image, knowing)))).toBe(
      true,
    );
    expect(imageClassify.request(image, { ...knowing, path: '/predict' }).path).toBe('/predict');
  });
});

describe('a classification', () => {
  const good: readonly [string, ReplyView, CorpusItem, AdapterOptions, string][] = [
    ['its identity', replyOf({ image_id: '4294967295', predictions }), image, knowing, 'answer'],
    ['its identity as a number', replyOf({ image_id: 4_294_967_295, predictions }), image, unknowing, 'answer'],
    ['classes alone', replyOf({ predictions }), image, unknowing, 'consistency'],
    ['classes in a bare list', replyOf([{ label: 'noise' }]), image, unknowing, 'consistency'],
    ["a server's own name for it", replyOf({ image_id: 'b7f0-11', predictions }), image, unknowing, 'consistency'],
    ['an identity that was not found', replyOf({ image_id: null, predictions }), image, unknowing, 'consistency'],
    ['any identity where none is known', replyOf({ image_id: '7', predictions }), small, knowing, 'consistency'],
    [
      'a number of its own where ours may not be read',
      replyOf({ image_id: 1, predictions }),
      image,
      unknowing,
      'consistency',
    ],
    ['other fields', replyOf({ width: 4096, height: 3072 }), image, unknowing, 'consistency'],
  ];
  it.each(good)('is ok with %s', (_, view, item, options, check) => {
    expect(imageClassify.judge(view, item, options)).toMatchObject({ ok: true, check });
  });

  const bad: readonly [string, ReplyView, AdapterOptions, string][] = [
    ['it is for another image', replyOf({ image_id: '4294967294', predictions }), knowing, 'wrong_answer'],
    ['it is for another one by number', replyOf({ image_id: 1, predictions }), knowing, 'wrong_answer'],
    ['a target that reads identities gives none', replyOf({ predictions }), knowing, 'no_image_id'],
    ['a target that reads identities found none', replyOf({ image_id: null, predictions }), knowing, 'no_image_id'],
    ['it names no class', replyOf({ image_id: '4294967295', predictions: [] }), knowing, 'empty_answer'],
    ['it is an empty object', replyOf({}), unknowing, 'empty_answer'],
    ['it is an empty list', replyOf([]), unknowing, 'empty_answer'],
    ['it is null', replyOf('null'), unknowing, 'empty_answer'],
    ['an error hides in it', replyOf({ error: { message: 'cannot decode' } }), unknowing, 'error_in_reply'],
    ['it is no JSON', replyOf(''), unknowing, 'not_json'],
    ['it is longer than what is kept', replyOf('{', { truncated: true }), unknowing, 'reply_too_long'],
  ];
  it.each(bad)('is no answer if %s', (_, view, options, code) => {
    expect(imageClassify.judge(view, image, options)).toMatchObject({ ok: false, code });
  });

  it('has no digest of its classes, which unlike images share', () => {
    expect(imageClassify.judge(replyOf({ predictions }), image, unknowing).answerDigest).toBeNull();
  });
});
