import { type Counter, createCounter } from '../../metrics.ts';
import type { Program } from './program.ts';
import type { Runtimes } from './runtimes.ts';
import type { SandboxSettings } from './settings.ts';
import { createSlots, type Slots } from './slots.ts';

/** What the route and the gauges share. */
export interface SandboxState {
  settings: SandboxSettings;
  runtimes: Runtimes;
  slots: Slots;
  programs: Set<Program>;
  /** Programs by the way they ended. */
  ended: Counter;
  refused: Counter;
}

export function createSandboxState(settings: SandboxSettings, runtimes: Runtimes): SandboxState {
  return {
    settings,
    runtimes,
    slots: createSlots(settings.slots),
    programs: new Set(),
    ended: createCounter(),
    refused: createCounter(),
  };
}
