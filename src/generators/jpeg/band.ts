import { imageCodeOf } from '../../base/image-code.ts';
import { cellOfColumn } from '../../base/jpeg-identity.ts';
import type { Random } from '../../base/random.ts';
import type { BitWriter } from './bit-writer.ts';
import type { Geometry } from './geometry.ts';
import { markers } from './header.ts';
import { mcusPerStrip } from './sampling.ts';
import { createPredictions, type Predictions, putDifference, putEndOfBlock, putNoise } from './strip.ts';

/** DC of an even block, in units of 1/8 grey level about middle grey: black, and the white below 256. */
const levels = [-1024, 1016] as const;

/** The level of each column of blocks. */
function columnLevels({ width, mcuColumns, sampling }: Geometry, id: number): Int16Array {
  const cells = imageCodeOf(id);
  return Int16Array.from(
    { length: mcuColumns * sampling.lumaSide },
    (_, column) => levels[cells[cellOfColumn(column, width)] === 1 ? 1 : 0],
  );
}

function putMcu(
  writer: BitWriter,
  { sampling: { components, lumaSide } }: Geometry,
  columns: Int16Array,
  predictions: Predictions,
): void {
  for (let block = 0; block < components.length; block += 1) {
    const component = components[block] as number;
    const level = component === 0 ? (columns[block % lumaSide] as number) : 0;
    putDifference(writer, component, level - (predictions[component] as number));
    predictions[component] = level;
    putEndOfBlock(writer, component);
  }
}

/**
 * Writes the strips with the band along the top: MCU rows of even black and white cells, which a reader tells
 * apart from their DC differences alone. What is left of the last strip is noise of `fillingBits`.
 */
export function putBand(
  writer: BitWriter,
  geometry: Geometry,
  { id, fillingBits, random }: { id: number; fillingBits: number; random: Random },
): void {
  const { bandMcus, bandStrips, fillingMcus, mcuColumns, sampling } = geometry;
  const columns = columnLevels(geometry, id);
  for (let strip = 0; strip < bandStrips; strip += 1) {
    const predictions = createPredictions();
    const end = Math.min(bandMcus, (strip + 1) * mcusPerStrip);
    for (let mcu = strip * mcusPerStrip; mcu < end; mcu += 1) {
      const column = (mcu % mcuColumns) * sampling.lumaSide;
      putMcu(writer, geometry, columns.subarray(column, column + sampling.lumaSide), predictions);
    }
    if (strip === bandStrips - 1 && fillingMcus > 0) {
      putNoise(writer, sampling, { mcus: fillingMcus, bits: fillingBits }, { predictions, random });
    }
    writer.flush();
    writer.marker(markers.firstRestart + (strip & 7));
  }
}
