import type { ImageSize } from '../../../base/image-size.ts';

const mebibyte = 1024 ** 2;

/** Sides that a detection net takes are multiples of this. */
const sideStep = 32;
const shortSide = 736;

export interface ModelKind {
  task: string;
  type: string;
  needs: 'image' | 'text';
  defaultName: string;
  weightsBytes: number;
  /** What the image is scaled to; `null` = the model sees no image of its own sides. */
  inputOf(size: ImageSize): ImageSize;
  /** Its part of the bytes per pixel that text detection takes. */
  share: number;
}

function fixedInput(width: number, height: number): () => ImageSize {
  return () => ({ width, height });
}

function nearestStep(length: number): number {
  return Math.max(1, Math.round(length / sideStep)) * sideStep;
}

/** The short side becomes 736, so the picture's proportions decide how many pixels there are. */
export function textDetectionInput({ width, height }: ImageSize): ImageSize {
  const ratio = shortSide / Math.min(width, height);
  return { width: nearestStep(width * ratio), height: nearestStep(height * ratio) };
}

/**
 * What the incident's server can load. Weights are modelled on the sizes of such models; only text
 * detection has an input that follows the image, the others take one size.
 */
export const modelKinds: readonly ModelKind[] = [
  {
    task: 'clip',
    type: 'visual',
    needs: 'image',
    defaultName: 'clip-visual',
    weightsBytes: 336 * mebibyte,
    inputOf: fixedInput(224, 224),
    share: 1 / 8,
  },
  {
    task: 'clip',
    type: 'textual',
    needs: 'text',
    defaultName: 'clip-textual',
    weightsBytes: 243 * mebibyte,
    inputOf: fixedInput(77, 512),
    share: 1 / 8,
  },
  {
    task: 'facial-recognition',
    type: 'detection',
    needs: 'image',
    defaultName: 'face-detection',
    weightsBytes: 16 * mebibyte,
    inputOf: fixedInput(640, 640),
    share: 1 / 8,
  },
  {
    task: 'facial-recognition',
    type: 'recognition',
    needs: 'image',
    defaultName: 'face-recognition',
    weightsBytes: 166 * mebibyte,
    inputOf: fixedInput(112, 112),
    share: 1 / 8,
  },
  {
    task: 'ocr',
    type: 'detection',
    needs: 'image',
    defaultName: 'text-detection',
    weightsBytes: 5 * mebibyte,
    inputOf: textDetectionInput,
    share: 1,
  },
  {
    task: 'ocr',
    type: 'recognition',
    needs: 'image',
    defaultName: 'text-recognition',
    weightsBytes: 16 * mebibyte,
    inputOf: fixedInput(320, 6 * 48),
    share: 1 / 8,
  },
];

export function modelKindOf(task: string, type: string): ModelKind | null {
  return modelKinds.find((kind) => kind.task === task && kind.type === type) ?? null;
}

export const preloadChoices = ['none', 'clip', 'facial-recognition', 'ocr'] as const;

export type Preload = (typeof preloadChoices)[number];
