import { leastFree, readMemoryBounds } from '../memory.ts';
import type { Service, ServiceKind } from '../service.ts';
import { handleClassify } from './images/classify.ts';
import { collectImages } from './images/gauges.ts';
import { ImageWorker } from './images/image-worker.ts';
import { createImagesState } from './images/images-state.ts';
import { imagesKnobs, imagesSettings, workerSetup } from './images/settings.ts';

/** Of what is free at the start, for decoded images; the rest is for uploads, other services and the host. */
const freeShareRatio = 0.5;

/** Images that are pushed: spooled, admitted by pixels, decoded in a child. */
export const images: ServiceKind = {
  id: 'images',
  title: 'Images that are sent to it: POST /v1/images/classify',
  knobs: imagesKnobs,
  async start({ values, spool, log }): Promise<Service> {
    const settings = imagesSettings(values);
    const worker = new ImageWorker(workerSetup(settings), log);
    const free = leastFree(readMemoryBounds());
    const state = createImagesState(settings, spool, worker, free === null ? null : freeShareRatio * free.freeBytes);
    return {
      routes: [
        {
          path: '/v1/images/classify',
          methods: ['POST'],
          handle: (request, response) => handleClassify(state, request, response),
        },
      ],
      isReady: () => worker.isReady,
      health: () => ({ images: { in_flight: state.inFlight, waiting: state.admission.waiting() } }),
      collect: (exposition) => collectImages(exposition, state),
      manage: () => undefined,
      stop: (graceMs) => worker.stop(graceMs),
      connectionLimit: null,
    };
  },
};
