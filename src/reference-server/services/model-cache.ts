import type { Service, ServiceKind } from '../service.ts';
import { handleChat } from './model-cache/chat.ts';
import { collectModelCache } from './model-cache/gauges.ts';
import { Holder } from './model-cache/holder.ts';
import { createModelCacheState } from './model-cache/model-cache-state.ts';
import { Neighbour } from './model-cache/neighbour.ts';
import { handlePredict } from './model-cache/predict.ts';
import { modelCacheKnobs, modelCacheSettings } from './model-cache/settings.ts';

/** Models that are loaded on demand and held in one process, on a card that another tenant uses too. */
export const modelCache: ServiceKind = {
  id: 'model-cache',
  title: 'Models on a shared card: POST /predict, and the neighbour at POST /v1/chat/completions',
  knobs: modelCacheKnobs,
  async start({ values, device, spool, log }): Promise<Service> {
    const settings = modelCacheSettings(values);
    const holder = new Holder({ ...settings.cache, device: device.access }, log);
    const neighbour = new Neighbour(settings.neighbour, device.access, log);
    const state = createModelCacheState(settings, spool, holder, neighbour);
    return {
      routes: [
        {
          path: '/predict',
          methods: ['POST'],
          handle: (request, response) => handlePredict(state, request, response),
        },
        {
          path: '/v1/chat/completions',
          methods: ['POST'],
          handle: (request, response) => handleChat(state, request, response),
        },
      ],
      isReady: () => holder.wasReady,
      health: () => ({ cache: { models_loaded: holder.models.length, in_flight: state.inFlight } }),
      collect: (exposition) => collectModelCache(exposition, state, device),
      manage: () => neighbour.endIdle(),
      async stop(graceMs) {
        await Promise.all([holder.stop(graceMs), neighbour.stop(graceMs)]);
      },
      connectionLimit: null,
    };
  },
};
