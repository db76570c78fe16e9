import { createHash } from 'node:crypto';

/** Seeded randomness, the only kind there is. Only integer operations, so every runtime agrees. */
export interface Random {
  /** Uniform integer in [0, 2^32). */
  uint32(): number;
  /** Uniform real in [0, 1) with 32 bits. */
  real(): number;
  /** Uniform integer in [0, bound); `bound` at most 2^32. */
  below(bound: number): number;
  /** An independent stream named by `label`; how much of this one was used does not matter. */
  fork(label: string): Random;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by SHA-256 of length-prefixed labels. */
export function createRandom(seed: string): Random {
  const words = createHash('sha256').update(`${seed.length}:${seed}`).digest();
  let a = words.readInt32LE(0);
  let b = words.readInt32LE(4);
  let c = words.readInt32LE(8);
  let counter = 1;
  const uint32 = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let round = 0; round < 12; round += 1) {
    uint32();
  }
  const real = (): number => uint32() / 4294967296;
  return {
    uint32,
    real,
    below: (bound) => Math.floor(real() * bound),
    fork: (label) => createRandom(`${seed.length}:${seed}/${label.length}:${label}`),
  };
}

/** Fisher-Yates; returns a new array. */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const copy = [...values];
  for (let index = copy.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    const held = copy[index] as T;
    copy[index] = copy[other] as T;
    copy[other] = held;
  }
  return copy;
}

/** Two-multiply 32-bit avalanche of two words: a stateless random value per (key, position). */
export function mix(key: number, position: number): number {
  let h = Math.imul(key ^ (position + 0x9e3779b9), 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h ^ position, 0xc2b2ae35);
  h ^= h >>> 13;
  h = Math.imul(h, 0x27d4eb2f);
  return (h ^ (h >>> 16)) >>> 0;
}
