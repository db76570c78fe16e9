import { bedSymbol, symbolsPerSlot, wordFrameSymbols } from '../../base/audio-frames.ts';
import { symbolPcm, symbolSamples } from '../../base/audio-tones.ts';
import { createRandom, type Random } from '../../base/random.ts';
import { type Encoding, encodeSamples, encodingFacts } from './encoding.ts';
import { renderSyllable } from './filler.ts';

export const noiseVariants = 64;
export const fillerUnits = 512;
const fillerSymbols = symbolsPerSlot - wordFrameSymbols;
/**
 * Scales a sum of four random bytes (deviation 148) to a noise bed of about 37 steps of 16 bits:
 * without one, the audio would compress far better than recorded speech does.
 */
const bedScale = 0.25;

/** Encoded pieces, rendered when first asked for and then only copied. */
export interface SpeechBank {
  symbolBytes: number;
  fillerBytes: number;
  symbol(symbol: number, variant: number): Uint8Array;
  filler(unit: number): Uint8Array;
}

function withBed(wave: ArrayLike<number>, random: Random): Uint8Array {
  const bytes = new Uint8Array(wave.length * 2);
  for (let index = 0; index < wave.length; index += 1) {
    const word = random.uint32();
    const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
    const value = Math.floor((wave[index] ?? 0) + (sum - 510) * bedScale + 0.5);
    bytes[index * 2] = value & 255;
    bytes[index * 2 + 1] = (value >> 8) & 255;
  }
  return bytes;
}

function createBank(sampleRate: number, encoding: Encoding): SpeechBank {
  // Each piece has its own stream: what it holds does not depend on when it is first asked for.
  const root = createRandom(`speech-longform/${sampleRate}`);
  const samples = symbolSamples(sampleRate);
  const clean = Array.from({ length: bedSymbol + 1 }, (_, symbol) => symbolPcm(symbol, sampleRate));
  const symbols = new Array<Uint8Array | undefined>(clean.length * noiseVariants);
  const fillers = new Array<Uint8Array | undefined>(fillerUnits);
  const symbolBytes = samples * encodingFacts[encoding].sampleBytes;
  return {
    symbolBytes,
    fillerBytes: symbolBytes * fillerSymbols,
    symbol(symbol, variant) {
      const place = symbol * noiseVariants + variant;
      const held = symbols[place];
      if (held !== undefined) {
        return held;
      }
      const piece = encodeSamples(withBed(clean[symbol] ?? [], root.fork(`symbol/${place}`)), encoding);
      symbols[place] = piece;
      return piece;
    },
    filler(unit) {
      const held = fillers[unit];
      if (held !== undefined) {
        return held;
      }
      const random = root.fork(`filler/${unit}`);
      const wave = renderSyllable(random, samples * fillerSymbols, sampleRate);
      const piece = encodeSamples(withBed(wave, random), encoding);
      fillers[unit] = piece;
      return piece;
    },
  };
}

const banks = new Map<string, SpeechBank>();

/** The one bank of this process for a sample rate and an encoding. */
export function speechBank(sampleRate: number, encoding: Encoding): SpeechBank {
  const name = `${sampleRate}/${encoding}`;
  const bank = banks.get(name) ?? createBank(sampleRate, encoding);
  banks.set(name, bank);
  return bank;
}
