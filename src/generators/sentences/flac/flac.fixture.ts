import { sineOfTurn } from '../../../base/audio-tones.ts';
import { createRandom } from '../../../base/random.ts';

const partSamples = 256;

/**
 * What was given to `flac -8 -b 256` (1.4.2) to make the files beside this one. Each part asks for another coding:
 * constant, verbatim, wasted bits, a fixed predictor, a linear one, and one channel kept as its difference to the other.
 */
export function fixtureSamples(channel: number, bits: number): number[] {
  const shared = createRandom('flac/shared');
  const own = createRandom(`flac/${channel}`);
  const unit = 1 << (bits - 8);
  const tone = (index: number): number => Math.floor(50 * unit * sineOfTurn(((index * 3) % 100) / 100));
  const triangle = (index: number): number => Math.abs(((index * 5) % 200) - 100) * Math.floor(unit / 2);
  const parts: readonly ((index: number, noise: number, ownNoise: number) => number)[] = [
    () => 0,
    (_index, _noise, ownNoise) => ownNoise * unit,
    (_index, _noise, ownNoise) => (ownNoise >> 3) * unit * 8,
    (index) => triangle(index) + channel * 3,
    (index, noise) => tone(index) + (noise >> 4) * (unit >> 5),
    (_index, noise, ownNoise) => ((noise * unit) >> 1) + channel * (ownNoise >> 4),
    (index, noise) => tone(index) + (channel === 0 ? noise : -noise) * (unit >> 4),
    (_index, noise, ownNoise) => ((noise * unit) >> 1) + (1 - channel) * (ownNoise >> 4),
  ];
  // The last part is shorter, as the end of a file is.
  return Array.from({ length: (parts.length - 1) * partSamples + 100 }, (_, index) =>
    (parts[Math.floor(index / partSamples)] as (typeof parts)[number])(
      index,
      shared.below(256) - 128,
      own.below(256) - 128,
    ),
  );
}
