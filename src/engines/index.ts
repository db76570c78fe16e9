import type { LoadEngine } from '../model/engine.ts';
import { autocannon } from './autocannon/autocannon.ts';
import { jobBoard } from './job-board/job-board.ts';
import { k6 } from './k6/k6.ts';
import { native } from './native/native.ts';
import { simulated } from './simulated/simulated.ts';

/** In the order in which `--engine auto` asks them. */
export const engines: readonly LoadEngine[] = [native, autocannon, jobBoard, k6, simulated];
