import type { Random } from '../../base/random.ts';
import { normal } from '../bench-detectors/noise.ts';

const spread = 0.01;
const baseBytes = 1024 ** 3;
export const repeats = 3;

const wobble = (random: Random): number => 1 + spread * normal(random);

/** What all sessions of one night share. */
export function nightNoise(random: Random): number {
  return wobble(random);
}

/**
 * Repeats of one session: 1 % of noise for the night, the session and the run each; 4 % of sessions lie 8 to 15 % too
 * high, 3 % of runs 8 %. `level` is what the server really takes, 1 = as at first.
 */
export function sessionValues(level: number, night: number, random: Random): readonly number[] {
  const session = wobble(random) * (random.real() < 0.04 ? 1.08 + 0.07 * random.real() : 1);
  return Array.from(
    { length: repeats },
    () => baseBytes * level * night * session * wobble(random) * (random.real() < 0.03 ? 1.08 : 1),
  );
}
