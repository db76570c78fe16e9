import { periodsPerSymbol, syncSymbol, toneStepHz } from './audio-frames.ts';

export const tau = 6.283185307179586;
/** Multiples of the tone step: data value v sounds at 3 + v, the sync at 2 and 19 together. */
export const syncLowTone = 2;
export const firstDataTone = 3;
export const syncHighTone = 19;
const dataAmplitude = 9830;
const syncAmplitude = 5900;

/**
 * sin(2 pi turn) for a turn in [0, 1.25), by a fixed Taylor sum: the runtime's own sine
 * differs between engines and processors, + - * / do not.
 */
export function sineOfTurn(turn: number): number {
  const whole = turn >= 1 ? turn - 1 : turn;
  const half = whole >= 0.5 ? whole - 0.5 : whole;
  const x = tau * (half > 0.25 ? 0.5 - half : half);
  const square = x * x;
  let sum = 1;
  for (let order = 20; order >= 2; order -= 2) {
    sum = 1 - (square / (order * (order + 1))) * sum;
  }
  return whole >= 0.5 ? -x * sum : x * sum;
}

export function cosineOfTurn(turn: number): number {
  return sineOfTurn(turn + 0.25);
}

/** Samples of one symbol. The sample rate must be a multiple of the tone step. */
export function symbolSamples(sampleRate: number): number {
  return (sampleRate / toneStepHz) * periodsPerSymbol;
}

/** 25 ms of a symbol without noise; the bed symbol is silence. */
export function symbolPcm(symbol: number, sampleRate: number): Int16Array {
  const period = sampleRate / toneStepHz;
  const sine = Float64Array.from({ length: period }, (_, index) => sineOfTurn(index / period));
  const at = (tone: number, sample: number): number => sine[(tone * sample) % period] ?? 0;
  return Int16Array.from({ length: symbolSamples(sampleRate) }, (_, sample) => {
    if (symbol > syncSymbol) {
      return 0;
    }
    const level =
      symbol === syncSymbol
        ? syncAmplitude * (at(syncLowTone, sample) + at(syncHighTone, sample))
        : dataAmplitude * at(firstDataTone + symbol, sample);
    return Math.floor(level + 0.5);
  });
}
