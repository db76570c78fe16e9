import type { ServiceKind } from '../service.ts';
import { speech } from './speech.ts';

export const services: readonly ServiceKind[] = [speech];
