import { describe, expect, it } from 'vitest';
import { sha256OfChunks } from '../base/digest.ts';
import { BenchError } from '../base/errors.ts';
import { readJpegIdentity } from '../base/jpeg-identity.ts';
import { createRandom } from '../base/random.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { chatImages } from './chat-images.ts';
import { prompts } from './prompts.ts';

const place = 'corpora/x.yaml:6:1 params';
const prompt = { by: 'tokens', buckets: [{ from: 40, to: 200, share: 1 }] };
const images = { subsampling: '4:2:0', shapes: [{ width: 640, height: 480, bytes: 60_000, share: 1 }] };

function make(params: Record<string, unknown>, count = 4, seed = 'test'): readonly CorpusItem[] {
  const context = { name: 'x', count, random: createRandom(seed), place, folder: '.' };
  return chatImages.items({ ...prompt, images, ...params }, context);
}

function bytesOf(item: CorpusItem): Buffer {
  return Buffer.concat(Array.from(item.chunks(), (chunk) => Buffer.from(chunk)));
}

describe('a prompt with images', () => {
  it('has its text as its bytes, its images as attachments, and both in its traits', () => {
    for (const item of make({ imagesPerPrompt: 2 })) {
      expect(bytesOf(item).toString('latin1')).toContain(`The code word is ${item.truth['answer']}.`);
      expect(bytesOf(item)).toHaveLength(item.bytes);
      expect(item.attachments.map(({ bytes, mediaType }) => ({ bytes, mediaType }))).toEqual([
        { bytes: 60_000, mediaType: 'image/jpeg' },
        { bytes: 60_000, mediaType: 'image/jpeg' },
      ]);
      expect(item.traits).toMatchObject({
        characters: item.bytes,
        images: 2,
        pixels: 2 * 640 * 480,
        imageBytes: 120_000,
      });
    }
  });

  it('carries the identity of its first image, which is readable in the image', () => {
    const items = make({});
    for (const item of items) {
      const [image] = item.attachments;
      const id = image === undefined ? null : readJpegIdentity(bytesOf(image));
      expect(String(id)).toBe(item.truth['imageId']);
    }
    expect(new Set(items.map((item) => item.truth['imageId'])).size).toBe(4);
  });

  it('has no identity where its image is too small for one', () => {
    const shapes = [{ width: 64, height: 64, bytes: 4000, share: 1 }];
    for (const item of make({ images: { ...images, shapes } })) {
      expect(item.truth['imageId']).toBeUndefined();
      expect(item.truth['answer']).toMatch(/^\w{4}-\w{4}-\w{4}$/);
    }
  });

  it('shares no image with another prompt, and is the same the next time', () => {
    const hashes = (): string[] =>
      make({ imagesPerPrompt: 3 }).flatMap((item) => item.attachments.map((image) => sha256OfChunks(image.chunks())));
    expect(new Set(hashes()).size).toBe(12);
    expect(hashes()).toEqual(hashes());
  });

  it('has the text of the same recipe without images', () => {
    const context = { name: 'x', count: 4, random: createRandom('test'), place, folder: '.' };
    const texts = (items: readonly CorpusItem[]): string[] => items.map((item) => bytesOf(item).toString('latin1'));
    expect(texts(make({}))).toEqual(texts(prompts.items(prompt, context)));
  });
});

describe('parameters of prompts with images', () => {
  it.each([
    { why: 'no images', params: { images: undefined }, says: 'params.images:' },
    { why: 'too many images', params: { imagesPerPrompt: 17 }, says: 'params.imagesPerPrompt: Too big' },
    {
      why: 'an image that cannot be',
      params: { images: { ...images, shapes: [{ width: 0, height: 1, bytes: 1, share: 1 }] } },
      says: 'params.images.shapes.0.width:',
    },
    {
      why: 'shares of images that do not add up',
      params: { images: { ...images, shapes: [{ width: 640, height: 480, bytes: 60_000, share: 0.5 }] } },
      says: 'params.images.shapes: the shares add up to 0.5, not 1.',
    },
    {
      why: 'shares of lengths that do not add up',
      params: { buckets: [{ from: 40, to: 50, share: 0.5 }] },
      says: 'params.buckets: the shares add up to 0.5, not 1.',
    },
  ])('with $why are refused, with their place', ({ params, says }) => {
    let refusal: unknown = null;
    try {
      make(params);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(BenchError);
    expect(String(refusal)).toContain(`corpora/x.yaml:6:1 ${says}`);
  });
});
