import type { CorpusGenerator, CorpusItem } from '../model/corpus.ts';
import { geometryOf } from './jpeg/geometry.ts';
import { type ImageShape, imageChunks } from './jpeg/image.ts';
import { imageJpegParams } from './jpeg/params.ts';
import { planImages } from './jpeg/shapes.ts';
import { parseParams } from './params/parse-params.ts';

const identityCount = 4_294_967_296;

function createItem(corpus: string, index: number, shape: ImageShape): CorpusItem {
  const { width, height, subsampling, bytes, id } = shape;
  const number = String(index).padStart(5, '0');
  return {
    id: `${corpus}/${number}`,
    bytes,
    sha256: null,
    mediaType: 'image/jpeg',
    fileName: `${corpus}-${number}.jpg`,
    content: 'code',
    traits: { pixels: width * height, width, height },
    truth: geometryOf(width, height, subsampling).bandMcus > 0 ? { imageId: String(id) } : {},
    attachments: [],
    chunks: (range) => imageChunks(shape, range),
  };
}

/** JPEG files of coloured noise, made without pixels, with their identity as a band of cells along the top. */
export const imageJpeg: CorpusGenerator = {
  id: 'image-jpeg',
  title: 'JPEG images of exact sides and size with a visible identity',
  version: 1,
  params: imageJpegParams,
  items(params, { name, count, random, place }) {
    const parsed = parseParams(imageJpegParams, params, place);
    const { subsampling, entropy } = parsed;
    const firstIdentity = random.fork('identity').uint32();
    const keys = random.fork('keys');
    return planImages(parsed, { count, random, place }).map((planned, index) =>
      createItem(name, index, {
        ...planned,
        subsampling,
        entropy,
        id: (firstIdentity + index) % identityCount,
        stripKey: keys.uint32(),
        noiseKey: keys.uint32(),
      }),
    );
  },
};
