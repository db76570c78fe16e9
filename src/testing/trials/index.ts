import type { FaultTrial } from './trial.ts';

export const trials: readonly FaultTrial[] = [];
