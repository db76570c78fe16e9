const chunkBits = 12;
const chunkLength = 1 << chunkBits;
const chunkMask = chunkLength - 1;
/** Times have three decimals; as whole thousandths a stretch of half an hour fits in 32 bits. */
const perUnit = 1000;
const firstLength = 64;
const missing = -(2 ** 31);
const mostThousandths = 2 ** 31 - 1;

/** A full part of a column, in the smallest form that loses nothing. `base` null: the values stand as they are. */
interface Chunk {
  values: Float64Array | Float32Array | Int32Array;
  /** Index bits that count: 0 where all values are the same. */
  mask: number;
  base: number | null;
}

/** All the same; as 32-bit floats; as thousandths from the first on; or as they are. */
function packed(values: Float64Array): Chunk {
  const first = values[0] ?? Number.NaN;
  if (values.every((value) => Object.is(value, first))) {
    return { values: values.slice(0, 1), mask: 0, base: null };
  }
  if (values.every((value) => Object.is(Math.fround(value), value))) {
    return { values: new Float32Array(values), mask: chunkMask, base: null };
  }
  return asThousandths(values) ?? { values: values.slice(), mask: chunkMask, base: null };
}

function asThousandths(values: Float64Array): Chunk | null {
  const base = Math.round((values.find((value) => !Number.isNaN(value)) ?? 0) * perUnit);
  const offsets = new Int32Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    const offset = Math.round(value * perUnit) - base;
    if (!Number.isNaN(value) && ((base + offset) / perUnit !== value || Math.abs(offset) > mostThousandths)) {
      return null;
    }
    offsets[index] = Number.isNaN(value) ? missing : offset;
  }
  return { values: offsets, mask: chunkMask, base };
}

/** Numbers in the order in which they came, NaN among them; a million of one column takes 4 MB or less. */
export class NumberColumn {
  readonly #chunks: Chunk[] = [];
  /** Most columns of a short run hold a few values. */
  #open = new Float64Array(firstLength);
  length = 0;

  push(value: number): void {
    if ((this.length & chunkMask) === this.#open.length) {
      const longer = new Float64Array(Math.min(chunkLength, this.#open.length * 4));
      longer.set(this.#open);
      this.#open = longer;
    }
    this.#open[this.length & chunkMask] = value;
    this.length += 1;
    if ((this.length & chunkMask) === 0) {
      this.#chunks.push(packed(this.#open));
    }
  }

  at(index: number): number {
    const chunk = this.#chunks[index >>> chunkBits];
    if (chunk === undefined) {
      return this.#open[index & chunkMask] ?? Number.NaN;
    }
    const value = chunk.values[index & chunk.mask] ?? Number.NaN;
    if (chunk.base === null) {
      return value;
    }
    return value === missing ? Number.NaN : (chunk.base + value) / perUnit;
  }

  toArray(): Float64Array {
    const all = new Float64Array(this.length);
    for (let index = 0; index < all.length; index += 1) {
      all[index] = this.at(index);
    }
    return all;
  }
}

/** Texts of which many are the same: each is kept once. */
export class TextColumn {
  readonly #places = new NumberColumn();
  readonly #known = new Map<string, number>();
  readonly #texts: string[] = [];

  push(text: string): void {
    let place = this.#known.get(text);
    if (place === undefined) {
      place = this.#texts.length;
      this.#known.set(text, place);
      this.#texts.push(text);
    }
    this.#places.push(place);
  }

  at(index: number): string {
    return this.#texts[this.#places.at(index)] ?? '';
  }
}
