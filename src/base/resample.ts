import { cosineOfTurn, sineOfTurn } from './audio-tones.ts';

/** Crossings of zero on each side of the filter's centre: the length that leaves errors at the level of 16 bits. */
const crossings = 32;
/** The filter passes this share of the lower of the two Nyquist frequencies. */
const passShare = 0.93;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** sin(pi x) / (pi x) for any x. */
function sinc(x: number): number {
  if (x === 0) {
    return 1;
  }
  const halfTurns = Math.abs(x) / 2;
  return sineOfTurn(halfTurns - Math.floor(halfTurns)) / (Math.PI * Math.abs(x));
}

/** Blackman-Harris with four terms (Harris 1978), 1 at the centre and 0 at distance 1; side lobes at -92 dB. */
function taper(distance: number): number {
  if (distance >= 1) {
    return 0;
  }
  const turn = (1 + distance) / 2;
  const cosine = (times: number): number => cosineOfTurn(times * turn - Math.floor(times * turn));
  return 0.35875 - 0.48829 * cosine(1) + 0.14128 * cosine(2) - 0.01168 * cosine(3);
}

interface Filter {
  /** Output samples per `down` input samples. */
  up: number;
  down: number;
  /** Input samples on each side of an output sample. */
  reach: number;
  /** One row of 2 * reach weights for each position between two input samples. */
  rows: Float64Array[];
}

function createFilter(fromHz: number, toHz: number): Filter {
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const up = toHz / divisor;
  const down = fromHz / divisor;
  const pass = passShare * Math.min(1, toHz / fromHz);
  const reach = Math.ceil(crossings / pass);
  const rows = Array.from({ length: up }, (_, phase) => {
    const row = Float64Array.from({ length: 2 * reach }, (_unused, index) => {
      const distance = index - reach + 1 - phase / up;
      return pass * sinc(pass * distance) * taper(Math.abs(distance) / reach);
    });
    const sum = row.reduce((all, weight) => all + weight, 0);
    return row.map((weight) => weight / sum);
  });
  return { up, down, reach, rows };
}

function resampledLength(samples: number, fromHz: number, toHz: number): number {
  return Math.floor((samples * toHz) / fromHz);
}

function clamped(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.floor(value + 0.5)));
}

/**
 * 16-bit PCM to another sample rate (Hz): windowed sinc, silence assumed before and after. Only + - * / on doubles,
 * so every runtime gives the same samples. Equal rates return the same array.
 */
export function createResampler(fromHz: number, toHz: number): (pcm: Int16Array) => Int16Array {
  if (fromHz === toHz) {
    return (pcm) => pcm;
  }
  const { up, down, reach, rows } = createFilter(fromHz, toHz);
  return (pcm) => {
    const padded = new Float64Array(pcm.length + 2 * reach);
    padded.set(pcm, reach);
    const made = new Int16Array(resampledLength(pcm.length, fromHz, toHz));
    for (let index = 0; index < made.length; index += 1) {
      const position = index * down;
      const row = rows[position % up] as Float64Array;
      const first = Math.floor(position / up) + 1;
      let sum = 0;
      for (let tap = 0; tap < row.length; tap += 1) {
        sum += (padded[first + tap] as number) * (row[tap] as number);
      }
      made[index] = clamped(sum);
    }
    return made;
  };
}
