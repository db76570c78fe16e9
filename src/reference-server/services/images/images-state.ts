import { type Counter, createCounter } from '../../metrics.ts';
import type { Spool } from '../../spool.ts';
import { type Admission, createAdmission } from './admission.ts';
import type { ImageWorker } from './image-worker.ts';
import type { ImagesSettings } from './settings.ts';

/** What the route and the gauges share. */
export interface ImagesState {
  settings: ImagesSettings;
  spool: Spool;
  worker: Pick<ImageWorker, 'look' | 'notedBytes'>;
  admission: Admission;
  budgetBytes: number;
  /** Images whose reply is not out, uploads included. */
  inFlight: number;
  seen: Counter;
  refused: Counter;
}

/** `roomBytes`: what decoded images may have of the host, null where that is not known; the budget does not exceed it. */
export function createImagesState(
  settings: ImagesSettings,
  spool: Spool,
  worker: ImagesState['worker'],
  roomBytes: number | null,
): ImagesState {
  const budgetBytes = Math.max(0, Math.min(settings.budgetBytes, roomBytes ?? settings.budgetBytes));
  return {
    settings,
    spool,
    worker,
    admission: createAdmission(budgetBytes),
    budgetBytes,
    inFlight: 0,
    seen: createCounter(),
    refused: createCounter(),
  };
}
