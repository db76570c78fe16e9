import type { LoadEngine } from '../model/engine.ts';
import { native } from './native/native.ts';

/** In the order in which `--engine auto` asks them. */
export const engines: readonly LoadEngine[] = [native];
