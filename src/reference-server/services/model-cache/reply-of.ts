import { createRandom } from '../../../base/random.ts';
import type { WantedModel } from './entries.ts';
import type { Sighting } from './workers/messages.ts';

const embeddingLength = 512;

/** Stands for what a model would say: the same input has the same embedding everywhere. */
function embeddingOf(input: string): string {
  const random = createRandom(input);
  const numbers = Array.from({ length: embeddingLength }, () => (random.below(20_001) - 10_000) / 100_000);
  return JSON.stringify(numbers);
}

/** The identity in the picture is the text that is found, in a box over the band that holds it. */
function textsIn({ imageId, width }: Sighting): object {
  return imageId === null
    ? { text: [], box: [], boxScore: [], textScore: [] }
    : { text: [String(imageId)], box: [0, 0, width, 0, width, 32, 0, 32], boxScore: [1], textScore: [1] };
}

function answerOf(task: string, sighting: Sighting | null, text: string): unknown {
  switch (task) {
    case 'clip':
      return embeddingOf(sighting === null ? text : `image ${sighting.imageId ?? 'unknown'}`);
    case 'ocr':
      return sighting === null ? {} : textsIn(sighting);
    default:
      // There are no faces in our pictures.
      return [];
  }
}

/** The reply keyed by task, with the sides of the image if there is one. */
export function replyOf(models: readonly WantedModel[], sighting: Sighting | null, text: string): object {
  const answers = Object.fromEntries(models.map(({ task }) => [task, answerOf(task, sighting, text)]));
  return sighting === null ? answers : { ...answers, imageHeight: sighting.height, imageWidth: sighting.width };
}
