import type { Random } from '../../base/random.ts';
import type { BitWriter } from './bit-writer.ts';
import { type BlockSizes, chooseSizes } from './coefficients.ts';
import { costs, endOfBlock, type Sampling } from './sampling.ts';

/** Beyond these, in units of 1/8 grey level, brightness and colour turn back. */
const turningPoints = [500, 250, 250] as const;

/** The last value of each component in units of 1/8 grey level; all 0 after a restart marker (T.81, F.1.1.5.1). */
export type Predictions = Int32Array;

export function createPredictions(): Predictions {
  return new Int32Array(3);
}

/** A DC difference of a given value. */
export function putDifference(writer: BitWriter, component: number, difference: number): void {
  const { dc } = costs[component === 0 ? 0 : 1];
  const size = 32 - Math.clz32(Math.abs(difference));
  const value = difference < 0 ? difference + (1 << size) - 1 : difference;
  writer.put(((dc.code[size] ?? 0) << size) | value, 0, (dc.length[size] ?? 0) + size);
}

export function putEndOfBlock(writer: BitWriter, component: number): void {
  const { ac } = costs[component === 0 ? 0 : 1];
  writer.put(ac.code[endOfBlock] ?? 0, 0, ac.length[endOfBlock] ?? 0);
}

/**
 * A difference of `size` bits whose last bit is 0. Since no code used here holds eight ones, each byte of eight
 * ones then has a bit of a coefficient's value that can be turned to 0.
 */
function wander(predictions: Predictions, component: number, size: number, word: number): number {
  const prediction = predictions[component] as number;
  const turningPoint = turningPoints[component] ?? 0;
  const rises = prediction > turningPoint ? false : prediction < -turningPoint || (word & 1) === 1;
  const low = (word >>> 1) & ((1 << (size - 1)) - 1) & ~1;
  const difference = rises ? (1 << (size - 1)) | low : low + 1 - (1 << size);
  predictions[component] = prediction + difference;
  return difference;
}

function putBlocks(
  writer: BitWriter,
  { blocks, sizes, counts }: BlockSizes,
  sampling: Sampling,
  state: { predictions: Predictions; random: Random },
): void {
  const { predictions, random } = state;
  for (let block = 0; block < blocks; block += 1) {
    const component = sampling.components[block % sampling.components.length] as number;
    const { ac } = costs[component === 0 ? 0 : 1];
    const first = block * 64;
    const dcSize = sizes[first] as number;
    let word = random.uint32();
    putDifference(writer, component, dcSize === 0 ? 0 : wander(predictions, component, dcSize, word));
    const count = counts[block] as number;
    for (let k = 1; k <= count; k += 1) {
      // Four values of at most eight bits are in a word.
      word = (k & 3) === 1 ? random.uint32() : word >>> 8;
      const size = sizes[first + k] as number;
      const all = (1 << size) - 1;
      writer.put(((ac.code[size] as number) << size) | (word & all), all, (ac.length[size] as number) + size);
    }
    if (count < 63) {
      putEndOfBlock(writer, component);
    }
  }
}

/** Writes so many MCUs of coloured noise in `bits`, or up to 7 fewer. */
export function putNoise(
  writer: BitWriter,
  sampling: Sampling,
  length: { mcus: number; bits: number },
  state: { predictions: Predictions; random: Random },
): void {
  putBlocks(writer, chooseSizes(sampling, length.mcus, length.bits, state.random), sampling, state);
}
