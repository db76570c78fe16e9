import type { Clock } from '../../base/clock.ts';

/** One moment on both clocks. */
export interface WallAnchor {
  wallMs: number;
  runMs: number;
}

/** The wall clock is read in whole milliseconds, so this waits (less than one) for the next to begin. */
export function wallAnchor(clock: Clock): WallAnchor {
  const before = Date.now();
  let wallMs = before;
  while (wallMs === before) {
    wallMs = Date.now();
  }
  return { wallMs, runMs: clock.nowMs() };
}
