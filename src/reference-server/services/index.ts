import type { ServiceKind } from '../service.ts';
import { images } from './images.ts';
import { ingest } from './ingest.ts';
import { sandbox } from './sandbox.ts';
import { speech } from './speech.ts';

export const services: readonly ServiceKind[] = [speech, images, ingest, sandbox];
