import { imageCodeCells } from '../../base/image-code.ts';
import { mcusPerStrip, type Sampling, type Subsampling, samplings } from './sampling.ts';

/** Pixel rows of the band that shows the identity. After a resize to 512 of 3,072 rows, five of them are left. */
const bandRows = 32;
/** Cells of exactly one 8x8 block. */
const leastBandWidth = imageCodeCells * 8;
/** From here on the middle half of every cell lies mostly in blocks of its own, wherever the cells begin. */
const leastUnevenWidth = 560;
/** Below the band at least as much image. */
const leastBandHeight = 2 * bandRows;

/** How the MCUs of an image fall into strips: those with the band, those from the bank, and the last one. */
export interface Geometry {
  width: number;
  height: number;
  sampling: Sampling;
  mcuColumns: number;
  mcus: number;
  strips: number;
  /** 0: the image is too small to show its identity. */
  bandMcus: number;
  bandStrips: number;
  /** MCUs of noise that fill the last strip of the band. */
  fillingMcus: number;
  bankStrips: number;
  /** 1..64. */
  lastMcus: number;
}

export function geometryOf(width: number, height: number, subsampling: Subsampling): Geometry {
  const sampling = samplings[subsampling];
  const mcuColumns = Math.ceil(width / sampling.mcuSide);
  const mcus = mcuColumns * Math.ceil(height / sampling.mcuSide);
  const strips = Math.ceil(mcus / mcusPerStrip);
  const isWide = width >= leastUnevenWidth || width === leastBandWidth;
  const bandMcus = isWide && height >= leastBandHeight ? mcuColumns * (bandRows / sampling.mcuSide) : 0;
  const bandStrips = Math.ceil(bandMcus / mcusPerStrip);
  return {
    width,
    height,
    sampling,
    mcuColumns,
    mcus,
    strips,
    bandMcus,
    bandStrips,
    fillingMcus: bandStrips * mcusPerStrip - bandMcus,
    bankStrips: strips - bandStrips - 1,
    lastMcus: mcus - (strips - 1) * mcusPerStrip,
  };
}

/** All MCUs that hold noise. */
export function noiseMcus({ mcus, bandMcus }: Geometry): number {
  return mcus - bandMcus;
}
