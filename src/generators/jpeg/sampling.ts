import { chromaTables, type HuffmanCodes, huffmanCodes, lumaTables } from './huffman.ts';

export type Subsampling = '4:4:4' | '4:2:0';

/** MCUs between two restart markers. Not a row: strips of one length serve images of every width. */
export const mcusPerStrip = 64;

/** What a block of one kind (0 luma, 1 chroma) costs in bits, code and value together. */
interface BlockCosts {
  dc: HuffmanCodes;
  ac: HuffmanCodes;
  /** By size of the difference. */
  dcBits: readonly number[];
  /** By size of a coefficient that follows without zeros between. */
  acBits: readonly number[];
  endBits: number;
}

export const endOfBlock = 0;
/** Codes of larger values open with so many ones that 0xFF could not always be avoided by choosing values. */
export const largestSize = 8;

function costsOf(tables: typeof lumaTables): BlockCosts {
  const dc = huffmanCodes(tables.dc);
  const ac = huffmanCodes(tables.ac);
  const withValue = (codes: HuffmanCodes) => (size: number) => (codes.length[size] ?? 0) + size;
  const sizes = Array.from({ length: 12 }, (_, size) => size);
  return {
    dc,
    ac,
    dcBits: sizes.map(withValue(dc)),
    acBits: sizes.slice(0, largestSize + 1).map(withValue(ac)),
    endBits: ac.length[endOfBlock] ?? 0,
  };
}

export const costs: readonly [BlockCosts, BlockCosts] = [costsOf(lumaTables), costsOf(chromaTables)];

export interface Sampling {
  name: Subsampling;
  /** Pixels of an MCU in either direction. */
  mcuSide: number;
  /** Luma blocks of an MCU in either direction. */
  lumaSide: number;
  /** Component (0 Y, 1 Cb, 2 Cr) of each block of an MCU, in order. */
  components: readonly number[];
  /** Bits of an MCU of which every block repeats the one before. */
  leastMcuBits: number;
  /** Bytes of a strip with its marker, rising by a quarter to a seventh; multiples of 4, so that words fit. */
  stripSizes: readonly number[];
}

function samplingOf(name: Subsampling, lumaSide: number, smallestStrip: number, largestStrip: number): Sampling {
  const components = [...Array.from({ length: lumaSide * lumaSide }, () => 0), 1, 2];
  const stripSizes: number[] = [];
  for (let octave = 16; octave * 4 <= largestStrip; octave *= 2) {
    stripSizes.push(...[4, 5, 6, 7].map((quarters) => quarters * octave));
  }
  return {
    name,
    mcuSide: 8 * lumaSide,
    lumaSide,
    components,
    leastMcuBits: components.reduce((sum, component) => {
      const { dcBits, endBits } = costs[component === 0 ? 0 : 1];
      return sum + (dcBits[0] ?? 0) + endBits;
    }, 0),
    stripSizes: stripSizes.filter((bytes) => bytes >= smallestStrip && bytes <= largestStrip),
  };
}

/**
 * The smallest strips have a few free bits in every other MCU, the largest 853 bits in a block: with the codes
 * used here a block holds at most 1,070.
 */
export const samplings: Readonly<Record<Subsampling, Sampling>> = {
  '4:4:4': samplingOf('4:4:4', 1, 128, 20_480),
  '4:2:0': samplingOf('4:2:0', 2, 320, 40_960),
};
