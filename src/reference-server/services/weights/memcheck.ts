import { BenchError } from '../../../base/errors.ts';
import { formatBytes } from '../../../base/units.ts';
import type { MemoryBound } from '../../memory.ts';
import { estimateBytes } from './model-size.ts';

/** `float-width` over-counts quantised weights, `skip-quantised` does not look at them: both were tried. */
export type WeightSizing = 'real-bits' | 'float-width' | 'skip-quantised';

const floatBits = 16;

export type Memcheck =
  | { outcome: 'ok' }
  | { outcome: 'skipped'; why: string }
  | { outcome: 'tight'; neededBytes: number; limitBytes: number };

interface Load {
  weightsBytes: number;
  bits: number;
}

/** The estimate must fit into what is free now, and with its headroom under the tightest limit. */
export function checkMemory(
  { weightsBytes, bits }: Load,
  { headroomBytes, sizing }: { headroomBytes: number; sizing: WeightSizing },
  bounds: readonly MemoryBound[],
): Memcheck {
  if (bounds.length === 0) {
    return { outcome: 'skipped', why: 'no memory limit can be read here' };
  }
  if (sizing === 'skip-quantised' && bits < floatBits) {
    return { outcome: 'skipped', why: 'quantised weights are not sized' };
  }
  const sizedBytes = sizing === 'float-width' ? (weightsBytes * floatBits) / bits : weightsBytes;
  const loadBytes = estimateBytes(sizedBytes);
  // What others hold under a bound is no room for the weights.
  const tight = bounds
    .map(({ limitBytes, freeBytes }) => ({
      neededBytes: loadBytes + Math.max(headroomBytes, limitBytes - freeBytes),
      limitBytes,
    }))
    .filter(({ neededBytes, limitBytes }) => neededBytes > limitBytes)
    .sort((one, other) => one.limitBytes - other.limitBytes)[0];
  return tight === undefined ? { outcome: 'ok' } : { outcome: 'tight', ...tight };
}

/** The refusal of a server that would be killed while it loads. */
export function tightMemory({ neededBytes, limitBytes }: Extract<Memcheck, { outcome: 'tight' }>): BenchError {
  return new BenchError(
    'TARGET_FAILED_TO_START',
    `The weights need a memory limit of ${formatBytes(neededBytes)}, and the tightest is ${formatBytes(limitBytes)}.`,
    {
      hint: `Give it ${Math.ceil(neededBytes / 1024 ** 2)} MiB, or take --knob lazy-weights=true or --knob memcheck=false.`,
    },
  );
}
