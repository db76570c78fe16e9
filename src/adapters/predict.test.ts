import { describe, expect, it } from 'vitest';
import type { AdapterOptions, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { predict } from './predict.ts';

const image = itemOf(Uint8Array.of(255, 216, 255), {
  mediaType: 'image/jpeg',
  fileName: 'a.jpg',
  traits: { width: 640, height: 480 },
  truth: { imageId: '4294967295' },
});
const imported: CorpusItem = { ...image, truth: {}, traits: {}, content: 'import' };
const words = itemOf('a dog "on" a beach');
const sides = { imageHeight: 480, imageWidth: 640 };

const to = (model: string, options: AdapterOptions = knowing): AdapterOptions => ({ ...options, model });
const ocr = to('ocr/det');
const anyOcr = to('ocr/det', unknowing);
const clip = to('clip/ViT-B-32__openai', unknowing);
const faces = to('facial-recognition/buffalo_l', unknowing);

async function formOf(item: CorpusItem, options: AdapterOptions): Promise<FormData> {
  const wire = predict.request(item, options);
  return new Response(bodyOf(wire), { headers: { ...wire.headers } }).formData();
}

const read = (text: string[]): object => ({ text, box: [], boxScore: [], textScore: [] });

describe('a request to predict', () => {
  it.each([
    [
      'ocr/PP-OCRv5',
      {
        ocr: { detection: { modelName: 'PP-OCRv5', options: {} }, recognition: { modelName: 'PP-OCRv5', options: {} } },
      },
    ],
    ['clip/ViT', { clip: { visual: { modelName: 'ViT', options: {} } } }],
    [
      'facial-recognition/b',
      {
        'facial-recognition': {
          detection: { modelName: 'b', options: {} },
          recognition: { modelName: 'b', options: {} },
        },
      },
    ],
    [
      'org/name',
      {
        ocr: { detection: { modelName: 'org/name', options: {} }, recognition: { modelName: 'org/name', options: {} } },
      },
    ],
  ])('on an image by the model %s names task and model', async (model, entries) => {
    const form = await formOf(image, to(model));
    expect(JSON.parse(String(form.get('entries')))).toEqual(entries);
    expect(form.get('image')).toMatchObject({ name: 'a.jpg', type: 'image/jpeg', size: 3 });
    expect(form.get('text')).toBeNull();
  });

  it.each(['clip/ViT', 'ViT'])('on a text by the model %s holds the text as a field', async (model) => {
    const form = await formOf(words, to(model));
    expect(JSON.parse(String(form.get('entries')))).toEqual({ clip: { textual: { modelName: 'ViT', options: {} } } });
    expect(form.get('text')).toBe('a dog "on" a beach');
    expect(form.get('image')).toBeNull();
  });
});

describe('a prediction', () => {
  const good: readonly [string, ReplyView, CorpusItem, AdapterOptions, string][] = [
    ['the planted number as text', replyOf({ ocr: read(['4294967295']), ...sides }), image, ocr, 'answer'],
    ['it among other texts', replyOf({ ocr: read(['EXIT 4', 'no 4294967295.']), ...sides }), image, anyOcr, 'answer'],
    [
      'no text, from a server that may not read ours',
      replyOf({ ocr: read([]), ...sides }),
      image,
      anyOcr,
      'consistency',
    ],
    ['other numbers, from such a server', replyOf({ ocr: read(['42']), ...sides }), image, anyOcr, 'consistency'],
    [
      'an image that was turned',
      replyOf({ ocr: read([]), imageHeight: 640, imageWidth: 480 }),
      image,
      anyOcr,
      'consistency',
    ],
    ['no sides', replyOf({ ocr: read([]) }), image, anyOcr, 'consistency'],
    ['sides that we do not know', replyOf({ ocr: read([]), ...sides }), imported, ocr, 'consistency'],
    ['an embedding as text', replyOf({ clip: '[0.1,-0.2]', ...sides }), image, clip, 'consistency'],
    ['an embedding as a list', replyOf({ clip: [0.1, -0.2] }), image, clip, 'consistency'],
    ['the embedding of a text', replyOf({ clip: '[0.1, -0.2]' }), words, clip, 'consistency'],
    ['no face', replyOf({ 'facial-recognition': [], ...sides }), image, faces, 'consistency'],
    ['a face', replyOf({ 'facial-recognition': [{ score: 0.9, embedding: '[1]' }] }), image, faces, 'consistency'],
  ];
  it.each(good)('is ok with %s', (_, view, item, options, check) => {
    expect(predict.judge(view, item, options)).toMatchObject({ ok: true, check });
  });

  const bad: readonly [string, ReplyView, AdapterOptions, string][] = [
    ['it is for another image', replyOf({ ocr: read(['4294967294']), ...sides }), ocr, 'wrong_answer'],
    ['a target that reads the number does not', replyOf({ ocr: read([]), ...sides }), ocr, 'no_image_id'],
    [
      'it is for an image of other sides',
      replyOf({ ocr: read([]), imageHeight: 1, imageWidth: 640 }),
      anyOcr,
      'wrong_answer',
    ],
    ['it answers another task', replyOf({ clip: '[1]', ...sides }), ocr, 'empty_answer'],
    ['it is empty', replyOf({}), anyOcr, 'empty_answer'],
    ['it is null', replyOf('null'), anyOcr, 'empty_answer'],
    ['the texts are no list', replyOf({ ocr: {} }), anyOcr, 'no_text'],
    ['the embedding is cut', replyOf({ clip: '[0.1,' }), clip, 'no_embedding'],
    ['the embedding is empty', replyOf({ clip: '[]' }), clip, 'empty_answer'],
    ['the embedding is zero', replyOf({ clip: '[0,0]' }), clip, 'zero_embedding'],
    ['the faces are no list', replyOf({ 'facial-recognition': {} }), faces, 'no_faces'],
  ];
  it.each(bad)('is no answer if %s', (_, view, options, code) => {
    expect(predict.judge(view, image, options)).toMatchObject({ ok: false, code });
  });

  it('has a digest of its embedding alone', () => {
    const digest = (body: object, options: AdapterOptions): string | null =>
      predict.judge(replyOf(body), image, options).answerDigest;
    expect(digest({ clip: '[0.1,0.2]' }, clip)).toBe(digest({ clip: [0.1, 0.2], ...sides }, clip));
    expect(digest({ clip: '[0.1,0.2]' }, clip)).not.toBe(digest({ clip: '[0.2,0.1]' }, clip));
    expect(digest({ 'facial-recognition': [] }, faces)).toBeNull();
  });
});
