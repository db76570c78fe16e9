import type { Random } from '../../base/random.ts';
import { costs, largestSize, mcusPerStrip, type Sampling } from './sampling.ts';
import { acSize, coefficients, coefficientsAt, dcSize, levelFor, levelsPerSize } from './sizes.ts';

/**
 * Sizes (bits of the value) of a run of blocks: entry 64 * block is the DC difference, then the coefficients in
 * zigzag order, of which the first `counts[block]` are not zero and the others are.
 */
export interface BlockSizes {
  blocks: number;
  sizes: Uint8Array;
  counts: Uint8Array;
}

const mostBlocks = mcusPerStrip * 6;

const scratch: BlockSizes = {
  blocks: 0,
  sizes: new Uint8Array(mostBlocks * 64),
  counts: new Uint8Array(mostBlocks),
};

/** Sizes of coefficient k at a level: entry k * 32 + chance. */
const sizeTable = new Uint8Array((coefficients + 1) * levelsPerSize);

function fillSizeTable(level: number, count: number): void {
  for (let k = 1; k <= count; k += 1) {
    for (let chance = 0; chance < levelsPerSize; chance += 1) {
      sizeTable[k * levelsPerSize + chance] = acSize(level, k, chance);
    }
  }
}

/** Fills the scratch and returns the bits that it takes. */
function draw(sampling: Sampling, level: number, random: Random): number {
  const { blocks, sizes, counts } = scratch;
  const { components } = sampling;
  const count = coefficientsAt(level);
  fillSizeTable(level, count);
  let total = 0;
  for (let block = 0; block < blocks; block += 1) {
    const component = components[block % components.length] as number;
    const { dcBits, acBits, endBits } = costs[component === 0 ? 0 : 1];
    const first = block * 64;
    let chance = random.uint32();
    const dc = dcSize(level, component, chance & 31);
    sizes[first] = dc;
    total += (dcBits[dc] as number) + (count < coefficients ? endBits : 0);
    counts[block] = count;
    let left = 5;
    for (let k = 1; k <= count; k += 1) {
      // Six chances of five bits are in a word.
      chance >>>= 5;
      left -= 1;
      if (left < 0) {
        chance = random.uint32();
        left = 5;
      }
      const size = sizeTable[k * levelsPerSize + (chance & 31)] as number;
      sizes[first + k] = size;
      total += acBits[size] as number;
    }
  }
  return total;
}

/** Makes one coefficient of a block larger by a bit, or adds one; returns the bits that this takes. */
function raise(sampling: Sampling, block: number, word: number): number {
  const { sizes, counts } = scratch;
  const { acBits, endBits } = costs[sampling.components[block % sampling.components.length] === 0 ? 0 : 1];
  const count = counts[block] as number;
  const k = 1 + (word % Math.min(coefficients, count + 1));
  if (k > count) {
    counts[block] = k;
    sizes[block * 64 + k] = 1;
    return (acBits[1] as number) - (k === coefficients ? endBits : 0);
  }
  const size = sizes[block * 64 + k] as number;
  if (size === largestSize) {
    return 0;
  }
  sizes[block * 64 + k] = size + 1;
  return (acBits[size + 1] as number) - (acBits[size] as number);
}

/**
 * Chooses sizes for so many MCUs that their code takes `bits`, or up to 7 fewer: exactly the whole bytes.
 * Holds until the next call. `bits` is between the sampling's least and 853 for each block.
 */
export function chooseSizes(sampling: Sampling, mcus: number, bits: number, random: Random): BlockSizes {
  if (bits < mcus * sampling.leastMcuBits) {
    throw new RangeError(`${mcus} MCUs do not fit into ${bits} bits`);
  }
  scratch.blocks = mcus * sampling.components.length;
  // A little below, as what is drawn varies and raising can only add.
  let level = levelFor(sampling, (bits * 0.985) / mcus);
  let total = draw(sampling, level, random);
  while (total > bits) {
    level -= 4;
    total = draw(sampling, level, random);
  }
  // A step adds at most 4 bits, so none passes the end.
  while (total <= bits - 8) {
    const word = random.uint32();
    total += raise(sampling, Math.floor((word / 4294967296) * scratch.blocks), word & 0xffff);
  }
  return scratch;
}
