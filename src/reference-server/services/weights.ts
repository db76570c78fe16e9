import { readMemoryBounds } from '../memory.ts';
import type { Service, ServiceKind } from '../service.ts';
import { collectWeights } from './weights/gauges.ts';
import { handleInfer } from './weights/infer.ts';
import { checkMemory, tightMemory } from './weights/memcheck.ts';
import { Replicas } from './weights/replicas.ts';
import { hasSwap, openScratch } from './weights/scratch.ts';
import { type WeightsSettings, weightsKnobs, weightsSettings } from './weights/settings.ts';
import { handlePatch, handleStats } from './weights/stats.ts';
import { WeightStore } from './weights/weight-store.ts';
import { createWeightsState } from './weights/weights-state.ts';

/** Before a byte is loaded: a server that does not fit says so in a line, and is not killed in a loop. */
function refuseTight({ memcheck, isLazy, weightsBytes, shape }: WeightsSettings, log: (line: string) => void): void {
  if (memcheck === null) {
    return;
  }
  const check = isLazy
    ? ({ outcome: 'skipped', why: 'the weights are loaded at the first call' } as const)
    : checkMemory({ weightsBytes, bits: shape.bits }, memcheck, readMemoryBounds());
  if (check.outcome === 'tight') {
    throw tightMemory(check);
  }
  if (check.outcome === 'skipped') {
    log(`weights: the memory check is skipped: ${check.why}`);
  }
}

/** Next tokens from weights that live in the front itself: it is one process, as in the incident. */
export const weights: ServiceKind = {
  id: 'weights',
  title: 'Next tokens from weights in the server process: POST /v1/infer',
  knobs: weightsKnobs,
  async start({ values, log }): Promise<Service> {
    const settings = weightsSettings(values);
    refuseTight(settings, log);
    const store = new WeightStore(settings);
    const scratch = await openScratch(settings, hasSwap());
    if (scratch !== null && scratch.staysResident !== null) {
      log(`weights: not applicable, what calls leave behind is not paged out: ${scratch.staysResident}`);
    }
    if (!settings.isLazy) {
      await store.ensure();
    }
    const replicas = new Replicas(settings.replicas, settings, log);
    const state = createWeightsState(settings, { store, replicas, scratch });
    return {
      routes: [
        {
          path: '/v1/infer',
          methods: ['POST'],
          handle: (request, response) => handleInfer(state, request, response),
        },
        { path: '/v1/stats', methods: ['GET'], handle: (_request, response) => handleStats(state, response) },
        {
          path: '/v1/patches/apply',
          methods: ['POST'],
          handle: (request, response) => handlePatch(state, request, response),
        },
      ],
      isReady: () => replicas.isReady,
      health: () => ({ weights: { loaded: store.isLoaded, calls: state.permits.taken() } }),
      collect: (exposition) => collectWeights(exposition, state),
      manage: () => undefined,
      async stop(graceMs) {
        state.processor.stop();
        await replicas.stop(graceMs);
      },
      connectionLimit: null,
    };
  },
};
