import { identityInCells, imageCodeCells, imageCodeOf } from './image-code.ts';
import { JpegBits } from './jpeg-bits.ts';
import { type JpegComponent, type JpegScan, readJpegHeader } from './jpeg-header.ts';

const blockSide = 8;
/** The cells that are the same in every band. */
const syncCells = imageCodeOf(0).subarray(0, 16);

/** The cell (0..63) in which the middle of a column of 8x8 blocks lies; its last columns may lie beyond the image. */
export function cellOfColumn(column: number, width: number): number {
  const cell = Math.floor(((column * blockSide + blockSide / 2) * imageCodeCells) / width);
  return Math.min(imageCodeCells - 1, cell);
}

/** Sums of brightness in the cells of the first row; sure about a cell once the next one has begun. */
class CellRow {
  readonly #sums = new Float64Array(imageCodeCells);
  readonly #width: number;
  #cell = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** `level` is above 0 for brighter than middle grey. False once this cannot be a band any more. */
  add(column: number, level: number): boolean {
    const cell = cellOfColumn(column, this.#width);
    const last = this.#cell;
    this.#cell = cell;
    this.#sums[cell] = (this.#sums[cell] ?? 0) + level;
    const sync = syncCells[last];
    return cell === last || sync === undefined || (sync === 1) === (this.#sums[last] ?? 0) > 0;
  }

  identity(): number | null {
    return identityInCells(this.#sums.map((sum) => (sum > 0 ? 1 : 0)));
  }
}

/** Returns the DC difference of a block. */
function readBlock(bits: JpegBits, { dc, ac }: JpegComponent): number {
  const difference = bits.value(bits.symbol(dc) & 15);
  for (let k = 1; k < 64; k += 1) {
    const symbol = bits.symbol(ac);
    const size = symbol & 15;
    if (size === 0 && symbol !== 0xf0) {
      break;
    }
    k += symbol >> 4;
    bits.value(size);
  }
  return difference;
}

/** Reads one MCU; false once this cannot be a band any more. */
function readMcu(bits: JpegBits, scan: JpegScan, mcu: number, state: { levels: Float64Array; row: CellRow }): boolean {
  for (let index = 0; index < scan.components.length; index += 1) {
    const component = scan.components[index] as JpegComponent;
    for (let block = 0; block < component.across * component.down; block += 1) {
      const level = (state.levels[index] as number) + readBlock(bits, component);
      state.levels[index] = level;
      const inFirstRow = index === 0 && block < component.across;
      if (bits.ended || (inFirstRow && !state.row.add(mcu * component.across + block, level * component.dcStep))) {
        return false;
      }
    }
  }
  return true;
}

function readFirstRow(bytes: Uint8Array, scan: JpegScan): number | null {
  const bits = new JpegBits(bytes, scan.start);
  const state = { levels: new Float64Array(scan.components.length), row: new CellRow(scan.width) };
  const mcus = Math.ceil(scan.width / (blockSide * (scan.components[0]?.across ?? 1)));
  for (let mcu = 0; mcu < mcus; mcu += 1) {
    if (scan.restartInterval !== null && mcu > 0 && mcu % scan.restartInterval === 0) {
      bits.restart();
      state.levels.fill(0);
    }
    if (!readMcu(bits, scan, mcu, state)) {
      return null;
    }
  }
  return state.row.identity();
}

/**
 * The identity (0..2^32-1) that the band along the top of one of our JPEGs shows, read from the DC differences of
 * the first row of MCUs: no pixel is decoded. The bytes may end anywhere after that row, which begins within the
 * first 70,000 bytes. null for any other image, for damage, and if too little is there; never throws.
 */
export function readJpegIdentity(bytes: Uint8Array): number | null {
  const scan = readJpegHeader(bytes);
  if (scan === null || scan.width < imageCodeCells * blockSide) {
    return null;
  }
  const luma = scan.components[0];
  const isFinest = scan.components.every(
    ({ across, down }) => luma !== undefined && across <= luma.across && down <= luma.down,
  );
  return isFinest ? readFirstRow(bytes, scan) : null;
}
