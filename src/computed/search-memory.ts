import { median } from '../base/statistics.ts';
import { type Footprint, isUnavailable, type StageWindow, type Unavailable } from '../model/artifacts.ts';
import type { MemoryOf } from './search-steps.ts';
import { between } from './series.ts';
import { stagePeak } from './stage-peak.ts';

/** The settled part of a lull: what is given back late belongs to the step before it. */
const settledShare = 1 / 3;

/** What a run's samples say of the steps of its search. */
export function searchMemory(footprint: Footprint | Unavailable, stages: readonly StageWindow[]): MemoryOf {
  const windowOf = (name: string): StageWindow | undefined => stages.find((stage) => stage.name === name);
  return (step, lull) => {
    const load = windowOf(step);
    const rest = windowOf(lull);
    if (isUnavailable(footprint)) {
      return { peakBytes: null, floorBytes: null };
    }
    return {
      peakBytes: load === undefined ? null : stagePeak(footprint, stages, load),
      floorBytes:
        rest === undefined
          ? null
          : median(
              between(footprint.total, rest.endMs - (rest.endMs - rest.startMs) * settledShare, rest.endMs).values,
            ),
    };
  };
}
