import { adapters } from '../adapters/index.ts';
import { detectors } from '../detectors/index.ts';
import { engines } from '../engines/index.ts';
import { executors } from '../executors/index.ts';
import { generators } from '../generators/index.ts';
import type { PlugIns } from '../phases/plan/prepare.ts';

/** Every list that preparation chooses from, in one place. */
export const plugIns: PlugIns = {
  generators,
  executors,
  adapters,
  engines,
  detectorIds: detectors.map((detector) => detector.id),
};
