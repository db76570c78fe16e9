import { mix } from '../../base/random.ts';
import type { StripBank } from './bank.ts';
import { markers } from './header.ts';
import { poolWords, wordOf, wordPool } from './pool.ts';

/** One word of sixteen is altered, but of a short strip at least eight. */
const sparseStride = 16;
const leastWords = 8;

interface NoiseKeys {
  entropy: 'sparse' | 'full';
  stripKey: number;
  noiseKey: number;
}

/** Both views of one buffer; its length is a multiple of 4. */
export interface CopyTarget {
  bytes: Uint8Array;
  words: Int32Array;
}

function strideOf(entropy: NoiseKeys['entropy'], stripWords: number): number {
  return entropy === 'full' ? 1 : Math.max(1, Math.min(sparseStride, Math.floor(stripWords / leastWords)));
}

/**
 * Copies a strip of the bank to byte `at` of the target as strip number `strip` of an image, and inverts free
 * bits so that no other image and no other place has the same. What lies before byte 0 or beyond the target is
 * left out. `at` is a multiple of 4.
 */
export function copyStrip(
  { bytes, words }: CopyTarget,
  { at, strip }: { at: number; strip: number },
  bank: StripBank,
  { entropy, stripKey, noiseKey }: NoiseKeys,
): void {
  const { stripBytes, masks } = bank;
  const variant = mix(stripKey, strip) & (bank.variants - 1);
  bank.hold(variant);
  const from = Math.max(0, -at);
  const to = Math.min(stripBytes, bytes.length - at);
  const source = variant * stripBytes;
  bytes.set(bank.bytes.subarray(source + from, source + to), at + from);

  const pool = wordPool();
  const random = mix(noiseKey ^ stripKey, strip);
  const place = random & (poolWords - 1);
  const key = wordOf(mix(noiseKey, strip));
  const mask = ((variant & (bank.patterns - 1)) * stripBytes) / 4;
  const stride = strideOf(entropy, stripBytes / 4);
  const phase = (random >>> 16) % stride;
  const first = phase + Math.ceil(Math.max(0, from / 4 - phase) / stride) * stride;
  const shift = at / 4;
  for (let word = first; word < to / 4; word += stride) {
    const noise = (pool[(place + word) & (poolWords - 1)] as number) ^ key;
    words[shift + word] = (words[shift + word] as number) ^ (noise & (masks[mask + word] as number));
  }
  if (to === stripBytes) {
    bytes[at + to - 1] = markers.firstRestart + (strip & 7);
  }
}
