import { periodsPerSymbol, toneStepHz } from './audio-frames.ts';
import { cosineOfTurn, firstDataTone, sineOfTurn, syncHighTone, syncLowTone } from './audio-tones.ts';

/** Hears one symbol at any sample offset. All offsets must leave a whole symbol in the audio. */
export interface SymbolReader {
  symbolSamples: number;
  periodSamples: number;
  /** The loudest data tone, 0..15. */
  nibble(pcm: Int16Array, offset: number): number;
  /** `count` symbols in a row. The array is reused by the next call. */
  nibbles(pcm: Int16Array, offset: number, count: number): Uint8Array;
  /** Share (0..1) of the energy that is in the two sync tones; 0 if one of them is much weaker. */
  syncShare(pcm: Int16Array, offset: number): number;
}

export function createSymbolReader(sampleRate: number): SymbolReader {
  const period = sampleRate / toneStepHz;
  const symbol = period * periodsPerSymbol;
  const folded = new Float64Array(period);
  const heard = new Uint8Array(16);
  const tables = Array.from({ length: syncHighTone + 1 }, (_, tone) => ({
    sine: Float64Array.from({ length: period }, (_unused, index) => sineOfTurn(((tone * index) % period) / period)),
    cosine: Float64Array.from({ length: period }, (_unused, index) => cosineOfTurn(((tone * index) % period) / period)),
  }));

  // Every tone repeats within a period, so adding up the periods loses nothing and saves three quarters of the work.
  const fold = (pcm: Int16Array, offset: number): void => {
    for (let index = 0; index < period; index += 1) {
      const at = offset + index;
      folded[index] =
        (pcm[at] ?? 0) + (pcm[at + period] ?? 0) + (pcm[at + 2 * period] ?? 0) + (pcm[at + 3 * period] ?? 0);
    }
  };

  const power = (tone: number): number => {
    const table = tables[tone];
    if (table === undefined) {
      return 0;
    }
    const { sine, cosine } = table;
    let real = 0;
    let imaginary = 0;
    for (let index = 0; index < period; index += 1) {
      const value = folded[index] as number;
      real += value * (cosine[index] as number);
      imaginary += value * (sine[index] as number);
    }
    return real * real + imaginary * imaginary;
  };

  const nibble = (pcm: Int16Array, offset: number): number => {
    fold(pcm, offset);
    let best = 0;
    let bestPower = -1;
    for (let value = 0; value < 16; value += 1) {
      const candidate = power(firstDataTone + value);
      if (candidate > bestPower) {
        bestPower = candidate;
        best = value;
      }
    }
    return best;
  };

  return {
    symbolSamples: symbol,
    periodSamples: period,
    nibble,
    nibbles(pcm, offset, count) {
      for (let index = 0; index < count; index += 1) {
        heard[index] = nibble(pcm, offset + index * symbol);
      }
      return heard;
    },
    syncShare(pcm, offset) {
      let energy = 0;
      for (let index = 0; index < symbol; index += 1) {
        const value = pcm[offset + index] as number;
        energy += value * value;
      }
      if (energy === 0) {
        return 0;
      }
      fold(pcm, offset);
      const low = power(syncLowTone);
      const high = power(syncHighTone);
      // A tone of amplitude A has power (2 A period)^2 here and energy 2 A^2 period.
      return Math.min(low, high) * 10 < Math.max(low, high) ? 0 : (low + high) / (2 * period * energy);
    },
  };
}
