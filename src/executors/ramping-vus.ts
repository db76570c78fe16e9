import type { Executor, SlotWindow } from '../model/plan.ts';
import type { Load } from '../model/profile.ts';

type RampingVus = Extract<Load, { executor: 'ramping-vus' }>;

/**
 * Slot n is open while the ramp, rounded, is above n: the slots of a rising ramp open in order, those of a falling
 * one close. Rounding gives each of them some of the stage.
 */
function windowOf({ fromVus, toVus }: RampingVus, slot: number, durationMs: number): SlotWindow {
  if (slot < Math.min(fromVus, toVus)) {
    return { fromMs: 0, toMs: durationMs };
  }
  const crossedMs = ((slot + 0.5 - fromVus) / (toVus - fromVus)) * durationMs;
  return toVus > fromVus ? { fromMs: crossedMs, toMs: durationMs } : { fromMs: 0, toMs: crossedMs };
}

export const rampingVus: Executor<RampingVus> = {
  id: 'ramping-vus',
  title: 'VUs that become more, or fewer, evenly over the stage',
  loadModel: 'closed',
  draft: (load, { durationMs }) => ({
    model: 'closed',
    slots: Math.max(load.fromVus, load.toVus),
    thinkMs: load.thinkMs,
    window: (slot) => windowOf(load, slot, durationMs),
    perSlot: null,
    inAll: null,
  }),
  intended: ({ fromVus, toVus }, elapsedMs, { durationMs }) => ({
    ratePerSecond: null,
    vus: Math.round(fromVus + ((toVus - fromVus) * Math.min(durationMs, elapsedMs)) / durationMs),
  }),
};
