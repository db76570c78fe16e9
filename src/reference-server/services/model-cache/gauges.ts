import { freemem, totalmem } from 'node:os';
import type { DeviceHost } from '../../device/device.ts';
import { constantRows, type Exposition } from '../../metrics.ts';
import type { ModelCacheState } from './model-cache-state.ts';

/** The neighbour's families by the incident's names; the holder had none, so its own are ours. */
export function collectModelCache(exposition: Exposition, state: ModelCacheState, device: DeviceHost): void {
  const { holder, neighbour } = state;
  const cache = (name: string, help: string, value: number, model?: string): void =>
    exposition.gauge(`headroom_cache_${name}`, help, value, model === undefined ? {} : { model });
  cache('models_loaded', 'Models in memory.', holder.models.length);
  cache('in_flight', 'Predictions whose reply is not out.', state.inFlight);
  for (const { name, reservedBytes, inUseBytes } of holder.models) {
    cache('arena_reserved_bytes', 'Memory that the arena of a model holds, used or not.', reservedBytes, name);
    cache('arena_in_use_bytes', 'Memory of the arena of a model that a run uses.', inUseBytes, name);
  }
  exposition.counter('headroom_cache_predictions_total', 'Predictions by the status of the reply.', state.predictions);
  exposition.counter(
    'headroom_cache_idle_exits_total',
    'Times that the holder ended since nobody asked it.',
    constantRows(holder.idleExits),
  );
  exposition.gauge(
    'headroom_neighbour_loaded',
    'Whether the model of the neighbour is loaded.',
    Number(neighbour.isLoaded),
  );
  exposition.counter(
    'headroom_neighbour_failed_loads_total',
    'Times that the model of the neighbour could not be loaded.',
    constantRows(neighbour.failedLoads),
  );
  const llamaswap = (name: string, help: string, value: number | null): void =>
    exposition.gauge(`llamaswap_${name}`, help, value);
  const totals = device.totals();
  llamaswap('gpu_memory_total_bytes', 'Device memory in all.', totals?.totalBytes ?? null);
  llamaswap('gpu_memory_used_bytes', 'Device memory taken, by whomever.', totals?.usedBytes ?? null);
  llamaswap('memory_total_bytes', 'Host memory in all.', totalmem());
  llamaswap('memory_free_bytes', 'Host memory left.', freemem());
  llamaswap('memory_used_bytes', 'Host memory taken.', totalmem() - freemem());
}
