import { createRandom } from '../../base/random.ts';

export const poolWords = 65_536;

let made: Int32Array | null = null;

/** Random words; their bytes are in a fixed order, so that machines of either byte order get the same files. */
export function wordPool(): Int32Array {
  if (made === null) {
    const random = createRandom('image-jpeg/pool');
    const bytes = new DataView(new ArrayBuffer(poolWords * 4));
    for (let word = 0; word < poolWords; word += 1) {
      bytes.setUint32(word * 4, random.uint32(), true);
    }
    made = new Int32Array(bytes.buffer);
  }
  return made;
}

const keyBytes = new DataView(new ArrayBuffer(4));
const keyWord = new Int32Array(keyBytes.buffer);

/** A number as a word of the same byte order as the pool's. */
export function wordOf(value: number): number {
  keyBytes.setUint32(0, value, true);
  return keyWord[0] as number;
}
