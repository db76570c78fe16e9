import type { KnobTable, KnobValues } from '../../knobs.ts';
import type { ImageWorkerSetup } from './workers/messages.ts';

export const imagesKnobs: KnobTable = {
  'image-queue': { value: 64, least: 1, meaning: 'images in flight, uploads included; above it 503 with Retry-After' },
  'image-mib': { value: 768, meaning: 'memory that decoded images may take together; the rest waits on disk' },
  'most-megapixels': { value: 40, meaning: 'largest image that is taken, by its header' },
  'image-service-s': { value: 0.2, meaning: 'seconds for which a decoded image is held and worked on' },
  'leak-kib': { value: 16, meaning: 'what the image worker notes of a request' },
  drain: { value: true, meaning: 'the notes of a request are let go with its reply' },
};

/** The knobs as the service reads them: bytes and ms, times already scaled. */
export interface ImagesSettings extends ImageWorkerSetup {
  mostInFlight: number;
  budgetBytes: number;
}

export function imagesSettings(values: KnobValues): ImagesSettings {
  return {
    mostInFlight: Math.floor(values.number('image-queue')),
    budgetBytes: values.mib('image-mib'),
    mostPixels: Math.floor(values.number('most-megapixels') * 1e6),
    serviceMs: values.scaledMs('image-service-s'),
    noteBytes: Math.floor(values.number('leak-kib') * 1024),
    drains: values.boolean('drain'),
  };
}

export function workerSetup({ mostPixels, serviceMs, noteBytes, drains }: ImagesSettings): ImageWorkerSetup {
  return { mostPixels, serviceMs, noteBytes, drains };
}
