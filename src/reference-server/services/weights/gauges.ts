import { constantRows, type Exposition } from '../../metrics.ts';
import type { WeightsState } from './weights-state.ts';

/** The gauges of the service. The incident's server had none. */
export function collectWeights(exposition: Exposition, state: WeightsState): void {
  const { settings, store, replicas, lock, permits, works, scratch } = state;
  const gauge = (name: string, help: string, value: number | null): void =>
    exposition.gauge(`headroom_infer_${name}`, help, value);
  const counter = (name: string, help: string, value: number): void =>
    exposition.counter(`headroom_infer_${name}_total`, help, constantRows(value));
  const cache = replicas.size();
  gauge('weights_bytes', 'Weights that are loaded.', store.isLoaded ? settings.weightsBytes : 0);
  gauge('loads_running', 'Loads of the weights under way.', store.loading);
  counter('loads', 'Loads that came to their end, each with a copy of its own.', store.loads);
  gauge('permits_taken', 'Calls that hold a permit.', permits.taken());
  gauge('permits', 'Calls that may run at once.', settings.permits);
  gauge('works', 'Forward passes that run or wait.', works.size);
  gauge('zombies', 'Of those, the ones that nobody waits for.', [...works].filter((work) => work.isAnswered).length);
  gauge('request_bytes', 'Host memory that forward passes hold.', state.processor.heldBytes());
  gauge('lock_waiting', 'Those who wait for the lock of the model.', lock.waiting);
  counter('patches', 'Patches applied.', state.patches);
  gauge('cache_bytes', 'Cache entries of all replicas.', cache.bytes);
  gauge('cache_entries', 'Cache entries of all replicas, counted.', cache.entries);
  counter('cache_hits', 'Calls whose prompt was in every cache.', replicas.hits);
  counter('cache_misses', 'Calls whose prompt was not.', replicas.misses);
  gauge('kept_bytes', 'Memory that calls wrote once and that was not given back.', scratch?.keptBytes() ?? null);
  exposition.counter('headroom_infer_refused_total', 'Calls that were not begun.', state.refused);
  exposition.counter('headroom_infer_timeouts_total', 'Calls answered 504.', state.timedOut);
}
