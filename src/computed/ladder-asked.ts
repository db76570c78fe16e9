import type { Ladder, Series, StageWindow } from '../model/artifacts.ts';
import type { Load, Stage } from '../model/profile.ts';
import { levelHeldFor, levelWithin } from './traits.ts';

/** Of the time of a level: what was in flight for less may have gone before memory followed. */
const sustainedShare = 0.1;

/** Requests at once that were in flight for a tenth of the window at least. */
export function sustainedIn(busy: Series, window: StageWindow): number {
  return levelHeldFor(busy, window, sustainedShare * (window.endMs - window.startMs));
}

/**
 * The most at once of all stages that ran; of the whole profile where memory ended the load before its time. Of a load
 * by rate nobody asked for its highest moment: without a kill memory had room for it.
 */
export function askedOf(
  { stages, busy }: { stages: readonly StageWindow[]; busy: Series },
  planned: readonly Stage[],
  isEnded: boolean,
): Ladder['asked'] {
  let asked = { concurrency: 0, stage: '' };
  const consider = (stage: string, concurrency: number): void => {
    asked = concurrency > asked.concurrency ? { concurrency, stage } : asked;
  };
  for (const window of stages) {
    const reached = isEnded ? (levelWithin(busy, busy, window)?.highest ?? 0) : sustainedIn(busy, window);
    consider(window.name, concurrencyOf(window.stage.load) ?? reached);
  }
  for (const { name, load } of isEnded ? planned : []) {
    consider(name, concurrencyOf(load) ?? 0);
  }
  return asked;
}

/** Requests at once that a load asks for; null where that depends on how fast the answers come. */
function concurrencyOf(load: Load | null): number | null {
  if (load === null) {
    return null;
  }
  if ('vus' in load) {
    return load.vus;
  }
  return 'size' in load ? Math.min(load.maxInFlight, load.size * load.repeats) : null;
}
