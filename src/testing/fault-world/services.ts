import { startModelCache } from './cache-service.ts';
import { startImages } from './images-service.ts';
import { startIngest } from './ingest-service.ts';
import { startSandbox } from './sandbox-service.ts';
import type { StartSimService } from './sim-service.ts';
import { startSpeech } from './speech-service.ts';
import { startWeights } from './weights-service.ts';

/** The models by the id of their service; a run without a fault is of the speech service. */
export const simServices: Readonly<Record<string, StartSimService>> = {
  speech: startSpeech,
  sandbox: startSandbox,
  images: startImages,
  weights: startWeights,
  'model-cache': startModelCache,
  ingest: startIngest,
};
