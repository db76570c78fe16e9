import { invalidParam } from '../params/parse-params.ts';
import { encodingFacts } from './encoding.ts';
import { type SpeechLongformParams, shortestSeconds } from './params.ts';

interface Range {
  from: number;
  to: number;
}

/** The quantity that the buckets count, and how it becomes steps of two bytes, in which clips are cut. */
export interface Measure {
  unit: string;
  meanKey: string;
  mean: number | null;
  totalKey: string;
  total: number | null;
  /** Fewest and most steps of each bucket's clips. */
  limits: readonly Range[];
  steps(quantity: number): number;
  /** Steps of so many clips that come to `total` together; not whole where that cannot be. */
  stepsInAll(total: number, clips: number): number;
  /** What so many clips with so many steps together come to. */
  quantity(steps: number, clips: number): number;
  /** A range as a message writes it, rounded inwards, so that both ends can be met. */
  text(range: Range): string;
}

const stepBytes = 2;
const shownParts = 100;

function measureSeconds(params: Extract<SpeechLongformParams, { by: 'seconds' }>): Measure {
  const { stepSamples } = encodingFacts[params.encoding];
  const steps = (seconds: number): number => Math.floor((seconds * params.sampleRate) / stepSamples + 0.5);
  return {
    unit: 's',
    meanKey: 'meanSeconds',
    mean: params.meanSeconds ?? null,
    totalKey: 'totalSeconds',
    total: params.totalSeconds ?? null,
    limits: params.buckets.map(({ from, to }) => ({ from: steps(from), to: steps(to) })),
    steps,
    stepsInAll: steps,
    quantity: (all) => (all * stepSamples) / params.sampleRate,
    text({ from, to }) {
      const least = (Math.ceil(from * shownParts) / shownParts).toFixed(2);
      return `${least} s and ${(Math.floor(to * shownParts) / shownParts).toFixed(2)} s`;
    },
  };
}

function measureBytes(params: Extract<SpeechLongformParams, { by: 'bytes' }>, place: string): Measure {
  const { headerBytes, sampleBytes } = encodingFacts[params.encoding];
  const leastBytes = headerBytes + shortestSeconds * params.sampleRate * sampleBytes;
  const limits = params.buckets.map(({ from, to }, index) => {
    if (from < leastBytes) {
      const what = `${from} bytes at ${params.sampleRate} Hz are too short for a word.`;
      throw invalidParam(place, ['buckets', index, 'from'], what, `Write ${leastBytes} or more.`);
    }
    const range = { from: Math.ceil((from - headerBytes) / stepBytes), to: Math.floor((to - headerBytes) / stepBytes) };
    if (range.from > range.to) {
      const what = `no clip has ${to} bytes, since sizes are even.`;
      throw invalidParam(place, ['buckets', index], what, `Write ${to - 1} or ${to + 1}.`);
    }
    return range;
  });
  return {
    unit: 'bytes',
    meanKey: 'meanBytes',
    mean: params.meanBytes ?? null,
    totalKey: 'totalBytes',
    total: params.totalBytes ?? null,
    limits,
    steps: (bytes) => Math.floor((bytes - headerBytes) / stepBytes + 0.5),
    stepsInAll: (bytes, clips) => (bytes - clips * headerBytes) / stepBytes,
    quantity: (all, clips) => all * stepBytes + clips * headerBytes,
    text: ({ from, to }) => `${Math.ceil(from)} and ${Math.floor(to)} bytes`,
  };
}

/** Throws RECIPE_INVALID for a bucket that no clip fits. The buckets must run forwards. */
export function measureOf(params: SpeechLongformParams, place: string): Measure {
  return params.by === 'seconds' ? measureSeconds(params) : measureBytes(params, place);
}
