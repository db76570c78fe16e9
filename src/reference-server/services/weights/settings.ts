import type { KnobTable, KnobValues } from '../../knobs.ts';
import type { WeightSizing } from './memcheck.ts';
import { type ModelShape, weightsBytesOf } from './model-size.ts';

const sizings = ['real-bits', 'float-width', 'skip-quantised'] as const satisfies readonly WeightSizing[];
const locks = ['shared', 'exclusive'] as const;

export const weightsKnobs: KnobTable = {
  'infer-weights-mib': { value: 8, meaning: 'host memory of the weights; 0 = what the shape of the model comes to' },
  'load-mib-s': { value: 256, least: 1, meaning: 'MiB of weights that one load reads in a second' },
  'lazy-weights': { value: false, meaning: 'loads the weights at the first call, not before the port is open' },
  'single-flight': { value: true, meaning: 'callers that come while the weights load wait for that one load' },
  memcheck: { value: true, meaning: 'refuses to start where the weights do not fit the tightest limit' },
  'memcheck-headroom-mib': { value: 512, meaning: 'room that the check wants beside the estimate' },
  'memcheck-sizing': {
    value: 'real-bits',
    choices: sizings,
    meaning: 'what the check takes a weight for: its own bits, a float of 16 bits, or nothing if it has fewer',
  },
  'model-layers': { value: 30, least: 1, meaning: 'layers of the model' },
  'model-hidden': { value: 2560, least: 1, meaning: 'width of a layer' },
  'model-inter': { value: 6912, least: 1, meaning: 'width of the feed-forward part of a layer' },
  'model-vocab': { value: 128_256, least: 1, meaning: 'tokens of the vocabulary' },
  'model-bits': { value: 16, least: 1, meaning: 'bits of a weight' },
  'infer-lock': {
    value: 'shared',
    choices: locks,
    meaning: 'whether calls and stats share the lock of the model or take turns',
  },
  'forward-s': { value: 0.1, meaning: 'seconds of a forward pass' },
  'forward-s-per-1k-tokens': { value: 0, meaning: 'seconds more for each thousand words of the prompt' },
  'infer-timeout-s': { value: 60, meaning: 'seconds until a call is answered 504; 0 = never' },
  'infer-permits': { value: 100, least: 1, meaning: 'calls at once; above it 503 with Retry-After' },
  'request-mib': { value: 1, meaning: 'host memory of a forward pass' },
  'cancel-on-timeout': {
    value: true,
    meaning: 'a pass stops once nobody waits for it, and holds its permit until then',
  },
  'cache-replicas': { value: 0, meaning: 'processes that keep an entry of every prompt; 0 = no cache' },
  'entry-mib': { value: 2, meaning: 'host memory of an entry, in each replica' },
  'cache-mib': { value: 32, meaning: 'where a replica drops its oldest entries; 0 = nowhere' },
  'leak-mib': { value: 0, meaning: 'memory that a call writes once' },
  'free-after-use': { value: true, meaning: 'gives that memory back; else it is paged out and kept' },
};

/** The knobs as the service reads them: units in the names, times already scaled. */
export interface WeightsSettings {
  shape: ModelShape;
  weightsBytes: number;
  loadBytesPerMs: number;
  isLazy: boolean;
  isSingleFlight: boolean;
  /** null = the check is off. */
  memcheck: { headroomBytes: number; sizing: WeightSizing } | null;
  hasExclusiveLock: boolean;
  forwardMs: number;
  forwardMsPerToken: number;
  /** null = never. */
  timeoutMs: number | null;
  permits: number;
  requestBytes: number;
  cancels: boolean;
  replicas: number;
  entryBytes: number;
  /** null = no limit. */
  cacheBytes: number | null;
  leakBytes: number;
  freesAfterUse: boolean;
}

function orNull(value: number): number | null {
  return value === 0 ? null : value;
}

function shapeOf(values: KnobValues): ModelShape {
  return {
    layers: values.number('model-layers'),
    hidden: values.number('model-hidden'),
    inter: values.number('model-inter'),
    vocabulary: values.number('model-vocab'),
    bits: values.number('model-bits'),
  };
}

function memcheckOf(values: KnobValues): WeightsSettings['memcheck'] {
  const sizing = sizings.find((one) => one === values.text('memcheck-sizing')) ?? 'real-bits';
  return values.boolean('memcheck') ? { headroomBytes: values.mib('memcheck-headroom-mib'), sizing } : null;
}

export function weightsSettings(values: KnobValues): WeightsSettings {
  const shape = shapeOf(values);
  return {
    shape,
    weightsBytes: Math.floor(orNull(values.mib('infer-weights-mib')) ?? weightsBytesOf(shape)),
    loadBytesPerMs: values.mib('load-mib-s') / 1000 / values.timeScale,
    isLazy: values.boolean('lazy-weights'),
    isSingleFlight: values.boolean('single-flight'),
    memcheck: memcheckOf(values),
    hasExclusiveLock: values.text('infer-lock') === 'exclusive',
    forwardMs: values.scaledMs('forward-s'),
    forwardMsPerToken: values.scaledMs('forward-s-per-1k-tokens') / 1000,
    timeoutMs: orNull(values.scaledMs('infer-timeout-s')),
    permits: Math.floor(values.number('infer-permits')),
    requestBytes: Math.floor(values.mib('request-mib')),
    cancels: values.boolean('cancel-on-timeout'),
    replicas: Math.floor(values.number('cache-replicas')),
    entryBytes: Math.floor(values.mib('entry-mib')),
    cacheBytes: orNull(values.mib('cache-mib')),
    leakBytes: Math.floor(values.mib('leak-mib')),
    freesAfterUse: values.boolean('free-after-use'),
  };
}
