import { type Counter, createCounter } from '../../metrics.ts';
import type { Spool } from '../../spool.ts';
import type { Holder } from './holder.ts';
import type { Neighbour } from './neighbour.ts';
import type { ModelCacheSettings } from './settings.ts';

/** What the routes and the gauges share. */
export interface ModelCacheState {
  settings: ModelCacheSettings;
  spool: Spool;
  holder: Pick<Holder, 'predict' | 'models' | 'waiting' | 'idleExits'>;
  neighbour: Pick<Neighbour, 'ask' | 'isLoaded' | 'inFlight' | 'failedLoads'>;
  /** Predictions whose reply is not out, uploads included. */
  inFlight: number;
  chatsInFlight: number;
  /** Predictions by status of the reply. */
  predictions: Counter;
}

export function createModelCacheState(
  settings: ModelCacheSettings,
  spool: Spool,
  holder: ModelCacheState['holder'],
  neighbour: ModelCacheState['neighbour'],
): ModelCacheState {
  return { settings, spool, holder, neighbour, inFlight: 0, chatsInFlight: 0, predictions: createCounter() };
}
