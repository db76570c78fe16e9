import type { ServiceKind } from '../service.ts';
import { images } from './images.ts';
import { ingest } from './ingest.ts';
import { modelCache } from './model-cache.ts';
import { sandbox } from './sandbox.ts';
import { speech } from './speech.ts';
import { weights } from './weights.ts';

export const services: readonly ServiceKind[] = [speech, images, ingest, sandbox, weights, modelCache];
