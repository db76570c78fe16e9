import type { LoadEngine } from '../../model/engine.ts';
import { pacedSession } from '../native/session.ts';
import { type ServerModel, ServerQueue } from './server-model.ts';
import { SimulatedExchange } from './simulated-exchange.ts';

/** Four at a time, each ten times as fast as the speech; what has no length, 10 MiB a second. */
export const usualServer: ServerModel = { slots: 4, baseMs: 50, msPerAudioSecond: 100, msPerMebibyte: 100 };

/** Sends nothing. On a virtual clock it tells in a moment what a plan of hours would do to the declared server. */
export function simulatedEngine(model: ServerModel): LoadEngine {
  return {
    id: 'simulated',
    title: 'No network: a declared server with slots and a queue; its runs are never valid',
    isOnlyByName: true,
    canReopen: true,
    preflight: () => Promise.resolve({ version: 'model 1' }),
    keeps: (_plan, adapter) =>
      adapter.kind === 'call' ? { keeps: true } : { keeps: false, why: `${adapter.id} waits for a target that calls` },
    open(context) {
      const { clock } = context;
      const queue = new ServerQueue(model, clock);
      return pacedSession(context, {
        begin: (attempt, onEnd) => new SimulatedExchange(attempt, clock, queue, (record) => onEnd(record, null)),
        close: () => undefined,
      });
    },
  };
}

export const simulated: LoadEngine = simulatedEngine(usualServer);
