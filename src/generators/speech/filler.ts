import { cosineOfTurn, tau } from '../../base/audio-tones.ts';
import type { Random } from '../../base/random.ts';

/** First three formants of spoken vowels in Hz, after the averages that textbooks of phonetics give. */
const vowels: readonly (readonly [number, number, number])[] = [
  [730, 1090, 2440],
  [530, 1840, 2480],
  [270, 2290, 3010],
  [570, 840, 2410],
  [300, 870, 2240],
  [660, 1720, 2410],
  [490, 1350, 1690],
];
const bandwidthsHz = [80, 100, 140] as const;
/** Formants glide; following them every 5 ms is as fine as a vocal tract moves. */
const blocksPerSecond = 200;

/** Two-pole resonators in a row, in arrays, since every sample runs through all of them. */
interface Resonators {
  feedback: Float64Array;
  damping: Float64Array;
  first: Float64Array;
  second: Float64Array;
}

function createResonators(): Resonators {
  const zeros = (): Float64Array => new Float64Array(bandwidthsHz.length);
  return { feedback: zeros(), damping: zeros(), first: zeros(), second: zeros() };
}

function tune({ feedback, damping }: Resonators, formantsHz: readonly number[], sampleRate: number): void {
  for (const [place, bandwidthHz] of bandwidthsHz.entries()) {
    const decay = (0.5 * tau * bandwidthHz) / sampleRate;
    // Two terms of exp(-decay) are enough for a bandwidth and the same on every runtime.
    const radius = 1 - decay + (decay * decay) / 2;
    feedback[place] = 2 * radius * cosineOfTurn((formantsHz[place] ?? 0) / sampleRate);
    damping[place] = radius * radius;
  }
}

function resonate({ feedback, damping, first, second }: Resonators, input: number): number {
  let sound = input;
  for (let place = 0; place < feedback.length; place += 1) {
    const before = first[place] as number;
    const output =
      sound + (feedback[place] as number) * before - (damping[place] as number) * (second[place] as number);
    second[place] = before;
    first[place] = output;
    sound = 0.05 * output;
  }
  return sound;
}

function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.real();
}

/** Rises and falls linearly, so that a unit starts and ends silently. Most samples lie between the two. */
function envelope(position: number, length: number, rise: number, fall: number): number {
  const left = length - position;
  if (left <= 0) {
    return 0;
  }
  return position >= rise && left >= fall ? 1 : Math.min(1, position / rise, left / fall);
}

/** One speech-like syllable without noise bed: a consonant's hiss, then a voiced vowel that glides to another. */
export function renderSyllable(random: Random, samples: number, sampleRate: number): Float64Array {
  const from = vowels[random.below(vowels.length)] ?? [500, 1500, 2500];
  const to = vowels[random.below(vowels.length)] ?? [500, 1500, 2500];
  const pitchStartHz = between(random, 95, 210);
  const pitchGlideHz = between(random, -30, 20);
  const hissEnd = Math.floor(samples * between(random, 0.08, 0.3));
  const hissLevel = between(random, 0.02, 0.12);
  const voiceEnd = Math.floor(samples * between(random, 0.72, 1));
  const peakLevel = between(random, 3000, 8000);
  const block = Math.floor(sampleRate / blocksPerSecond);
  const resonators = createResonators();
  const wave = new Float64Array(samples);
  let phase = 0;
  let glottis = 0;
  let peak = 1e-9;
  for (let index = 0; index < samples; index += 1) {
    const progress = index / samples;
    if (index % block === 0) {
      tune(
        resonators,
        from.map((start, place) => start + ((to[place] ?? 0) - start) * progress),
        sampleRate,
      );
    }
    phase += (pitchStartHz + pitchGlideHz * progress) / sampleRate;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    glottis = 0.9 * glottis + pulse;
    const hiss = hissLevel * (random.real() - 0.5) * envelope(index, hissEnd, hissEnd / 4, hissEnd / 2);
    const voice = glottis * envelope(index, voiceEnd, samples / 12, samples / 5);
    const sound = resonate(resonators, index < voiceEnd ? voice + hiss : 0);
    const shaped = sound * envelope(index, samples, samples / 40, samples / 40);
    wave[index] = shaped;
    peak = Math.max(peak, Math.abs(shaped));
  }
  return wave.map((value) => (value * peakLevel) / peak);
}
