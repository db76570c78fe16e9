import { z } from 'zod';
import type { CorpusGenerator, CorpusItem } from '../model/corpus.ts';
import { imageJpeg } from './image-jpeg.ts';
import { imageJpegParams } from './jpeg/params.ts';
import { parseParams } from './params/parse-params.ts';
import { planPrompts, promptItem, promptShapeParams } from './texts/prompt-plan.ts';

const mostImages = 16;

export const chatImagesParams = z.strictObject({
  ...promptShapeParams,
  images: imageJpegParams.describe('Parameters of image-jpeg; its counts add up to `count` times `imagesPerPrompt`'),
  imagesPerPrompt: z.int().min(1).max(mostImages).default(1),
});

/** The identity of the first image; the others carry their own. */
function truthOf(prompt: CorpusItem, images: readonly CorpusItem[]): CorpusItem['truth'] {
  const imageId = images[0]?.truth['imageId'];
  return imageId === undefined ? prompt.truth : { ...prompt.truth, imageId };
}

function traitsOf(prompt: CorpusItem, images: readonly CorpusItem[]): CorpusItem['traits'] {
  const pixels = images.reduce((sum, image) => sum + (image.traits['pixels'] ?? 0), 0);
  const imageBytes = images.reduce((sum, image) => sum + image.bytes, 0);
  return { ...prompt.traits, images: images.length, pixels, imageBytes };
}

/** The prompts of `prompts`, each with images of its own. */
export const chatImages: CorpusGenerator = {
  id: 'chat-images',
  title: 'Prompts with images and a planted code word',
  version: 1,
  params: chatImagesParams,
  items(params, context) {
    const { images, imagesPerPrompt, ...prompts } = parseParams(chatImagesParams, params, context.place);
    const pictures = imageJpeg.items(images, {
      ...context,
      name: `${context.name}-images`,
      count: context.count * imagesPerPrompt,
      random: context.random.fork('images'),
      place: `${context.place}.images`,
    });
    return planPrompts(prompts, context).map((shape, index) => {
      const prompt = promptItem(context.name, index, shape);
      const attachments = pictures.slice(index * imagesPerPrompt, (index + 1) * imagesPerPrompt);
      return {
        ...prompt,
        attachments,
        traits: traitsOf(prompt, attachments),
        truth: truthOf(prompt, attachments),
      };
    });
  },
};
