import type { KnobTable, KnobValues } from '../../knobs.ts';
import type { SpinSettings } from './spin.ts';

export const speechKnobs: KnobTable = {
  'pool-size': { value: 3, meaning: 'most cold workers' },
  'worker-mib': { value: 60, meaning: 'host memory of a loaded worker' },
  'mib-per-audio-min': { value: 4, meaning: 'decoder state while a clip is worked on' },
  sps: { value: 30, least: 0.001, meaning: 'audio seconds that one worker transcribes in a second' },
  'weights-mib': { value: 1536, meaning: 'VRAM of a worker besides its context' },
  'cold-start-s': { value: 8, meaning: 'seconds until a worker is loaded' },
  'cold-idle-s': { value: 60, meaning: 'seconds after which an idle cold worker ends' },
  'stagger-s': { value: 10, meaning: 'seconds added to that for every free place of the pool' },
  'max-queue': { value: 64, meaning: 'waiting clips and uploads; above it 503 with Retry-After' },
  'ram-gate': { value: true, meaning: 'asks the host for room before a worker or a clip starts' },
  'self-idle': { value: false, meaning: 'cold workers end by themselves after cold-idle-s, and nobody tells the pool' },
  'requeue-yields': {
    value: true,
    meaning: 'a cold lane passes over a clip that was put back, and does not spin on it',
  },
  'retry-cap': { value: 0, meaning: 'most times that a clip is put back, then 503; 0 = no cap' },
  'balanced-gauge': { value: true, meaning: 'a clip that is put back counts once in the gauge of waiting audio' },
  'spin-bytes': { value: 235, meaning: 'bytes that each spin keeps' },
  'spins-per-s': { value: 80_000, least: 1, meaning: 'spins in a second, whatever the machine; no time scale' },
  'spin-most-mib': { value: 4096, meaning: 'beyond it the spin goes on and keeps nothing more' },
};

/** The knobs as the pool reads them: units in the names, times already scaled. */
export interface SpeechSettings {
  poolSize: number;
  workerBytes: number;
  bytesPerAudioMinute: number;
  /** Audio seconds that one worker transcribes in a second, before the time scale. */
  audioSecondsPerSecond: number;
  weightsBytes: number;
  coldStartMs: number;
  coldIdleMs: number;
  staggerMs: number;
  maxQueue: number;
  hasRamGate: boolean;
  childrenEndThemselves: boolean;
  skipYields: boolean;
  /** 0 = no cap. */
  retryCap: number;
  hasBalancedGauge: boolean;
  spin: SpinSettings;
  timeScale: number;
}

export function speechSettings(values: KnobValues): SpeechSettings {
  return {
    poolSize: Math.floor(values.number('pool-size')),
    workerBytes: values.mib('worker-mib'),
    bytesPerAudioMinute: values.mib('mib-per-audio-min'),
    audioSecondsPerSecond: values.number('sps'),
    weightsBytes: values.mib('weights-mib'),
    coldStartMs: values.scaledMs('cold-start-s'),
    coldIdleMs: values.scaledMs('cold-idle-s'),
    staggerMs: values.scaledMs('stagger-s'),
    maxQueue: Math.floor(values.number('max-queue')),
    hasRamGate: values.boolean('ram-gate'),
    childrenEndThemselves: values.boolean('self-idle'),
    skipYields: values.boolean('requeue-yields'),
    retryCap: Math.floor(values.number('retry-cap')),
    hasBalancedGauge: values.boolean('balanced-gauge'),
    spin: {
      bytesPerSpin: Math.floor(values.number('spin-bytes')),
      spinsPerSecond: values.number('spins-per-s'),
      mostKeptBytes: values.mib('spin-most-mib'),
    },
    timeScale: values.timeScale,
  };
}
