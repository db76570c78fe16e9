import { createRandom, mix } from '../../base/random.ts';
import { BitWriter } from './bit-writer.ts';
import { markers } from './header.ts';
import { poolWords, wordOf, wordPool } from './pool.ts';
import { mcusPerStrip, type Sampling } from './sampling.ts';
import { createPredictions, putNoise } from './strip.ts';

/** Enough that the windows of most compressors do not see a strip again. */
const bankBytes = 4 * 1024 * 1024;
/** Coding a strip costs a hundred times what copying one does: few are coded, the others differ in values only. */
const patterns = 64;
/** At most 64 MiB in all, and few are in use, for strips of one length serve images of every width. */
const mostBanks = 8;
const markerBytes = 2;

/** Strips of one length, each with a restart marker at its end, made when first asked for and then only copied. */
export interface StripBank {
  stripBytes: number;
  /** A power of two. */
  variants: number;
  /** Strip after strip; what was not asked for is 0. */
  bytes: Uint8Array;
  /** Free bits, pattern after pattern: any of them can be inverted. A variant has pattern `variant` mod `patterns`. */
  masks: Int32Array;
  patterns: number;
  /** Makes a variant, if it is not there yet. */
  hold(variant: number): void;
}

function createBank(sampling: Sampling, stripBytes: number): StripBank {
  let variants = patterns;
  while (variants * 2 * stripBytes <= bankBytes) {
    variants *= 2;
  }
  const stripWords = stripBytes / 4;
  const bytes = new Uint8Array(variants * stripBytes);
  const words = new Int32Array(bytes.buffer);
  const maskBytes = new Uint8Array(patterns * stripBytes);
  const masks = new Int32Array(maskBytes.buffer);
  const made = new Uint8Array(variants);
  // Each strip has its own stream: what it holds does not depend on when it is first asked for.
  const root = createRandom(`image-jpeg/${sampling.name}/${stripBytes}`);
  const varyKey = root.fork('variants').uint32();

  const code = (pattern: number): void => {
    const [from, to] = [pattern * stripBytes, (pattern + 1) * stripBytes];
    const writer = new BitWriter(bytes.subarray(from, to), maskBytes.subarray(from, to));
    const random = root.fork(`pattern/${pattern}`);
    const length = { mcus: mcusPerStrip, bits: (stripBytes - markerBytes) * 8 };
    putNoise(writer, sampling, length, { predictions: createPredictions(), random });
    writer.flush();
    writer.marker(markers.firstRestart);
  };
  const vary = (variant: number, pattern: number): void => {
    const pool = wordPool();
    const place = mix(varyKey, variant) & (poolWords - 1);
    const key = wordOf(mix(varyKey, variant + variants));
    const [from, source] = [variant * stripWords, pattern * stripWords];
    for (let word = 0; word < stripWords; word += 1) {
      const noise = (pool[(place + word) & (poolWords - 1)] as number) ^ key;
      words[from + word] = (words[source + word] as number) ^ (noise & (masks[source + word] as number));
    }
  };
  const hold = (variant: number): void => {
    if (made[variant] === 1) {
      return;
    }
    made[variant] = 1;
    if (variant < patterns) {
      code(variant);
    } else {
      hold(variant & (patterns - 1));
      vary(variant, variant & (patterns - 1));
    }
  };
  return { stripBytes, variants, bytes, masks, patterns, hold };
}

const banks = new Map<string, StripBank>();

/** A bank of this process; the one that was not used for longest makes place for a new one. */
export function stripBank(sampling: Sampling, stripBytes: number): StripBank {
  const name = `${sampling.name}/${stripBytes}`;
  const bank = banks.get(name) ?? createBank(sampling, stripBytes);
  banks.delete(name);
  banks.set(name, bank);
  for (const oldest of banks.keys()) {
    if (banks.size <= mostBanks) {
      break;
    }
    banks.delete(oldest);
  }
  return bank;
}
