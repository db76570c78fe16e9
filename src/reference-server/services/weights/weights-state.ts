import { type Counter, createCounter } from '../../metrics.ts';
import { createSlots, type Slots } from '../sandbox/slots.ts';
import { Lock, type LockKind } from './lock.ts';
import { Processor } from './processor.ts';
import type { Replicas } from './replicas.ts';
import type { Scratch } from './scratch.ts';
import type { WeightsSettings } from './settings.ts';
import type { WeightStore } from './weight-store.ts';

/** The work of one call. It may outlive its answer. */
export interface Work {
  isAnswered: boolean;
}

/** What the routes and the gauges share. */
export interface WeightsState {
  settings: WeightsSettings;
  store: WeightStore;
  processor: Processor;
  replicas: Replicas;
  scratch: Scratch | null;
  lock: Lock;
  /** How those who only read the model take its lock. */
  readerLock: LockKind;
  permits: Slots;
  works: Set<Work>;
  refused: Counter;
  timedOut: Counter;
  /** Patches applied so far. */
  patches: number;
}

interface WeightsParts {
  store: WeightStore;
  replicas: Replicas;
  scratch: Scratch | null;
}

export function createWeightsState(settings: WeightsSettings, parts: WeightsParts): WeightsState {
  return {
    ...parts,
    settings,
    processor: new Processor(() => parts.store.firstShard),
    lock: new Lock(),
    readerLock: settings.hasExclusiveLock ? 'write' : 'read',
    permits: createSlots(settings.permits),
    works: new Set(),
    refused: createCounter(),
    timedOut: createCounter(),
    patches: 0,
  };
}
