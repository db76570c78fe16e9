import { createRandom, type Random } from '../../base/random.ts';

/**
 * Scales a sum of four random bytes (deviation 148) to a noise of about 37 steps of 16 bits, as quiet as a good
 * telephone line: synthetic speech is digitally silent between words, which would compress like no recording does.
 */
const noiseScale = 0.25;
const ringSamples = 65_536;

/** One sample of the noise bed, with its fraction. */
export function bedSample(random: Random): number {
  const word = random.uint32();
  const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
  return (sum - 510) * noiseScale;
}

function createRing(): Uint8Array {
  const random = createRandom('speech-sentences/bed');
  const bytes = Buffer.alloc(ringSamples * 2);
  for (let index = 0; index < ringSamples; index += 1) {
    bytes.writeInt16LE(Math.floor(bedSample(random) + 0.5), index * 2);
  }
  return bytes;
}

let ring: Uint8Array | null = null;

/** Noise as little-endian PCM, to be read from any sample on and around its end again. */
export function bedRing(): Uint8Array {
  ring ??= createRing();
  return ring;
}
