import { BenchError } from '../../base/errors.ts';
import type { EngineContext, EngineSession, LoadEngine } from '../../model/engine.ts';
import { createDial } from '../native/dial.ts';
import { Exchange, type Line } from '../native/exchange.ts';
import { openLine } from '../native/line.ts';
import { pacedSession } from '../native/session.ts';
import { AutocannonCarrier } from './carrier.ts';
import { checkInternals, loadAutocannon } from './internals.ts';

/** Rows, clocks and records are those of the native engine; what goes over the wire goes through autocannon. */
function open(context: EngineContext): EngineSession {
  const { url, clock, adapter, adapterOptions, tlsAuthorities } = context;
  if (adapterOptions.stream && adapter.kind === 'call' && adapter.readStream !== undefined) {
    throw new BenchError(
      'ENGINE_CANNOT_KEEP_PLAN',
      'The engine autocannon cannot keep this plan: its replies are streams.',
      { hint: 'Use --engine native.' },
    );
  }
  const { Client } = loadAutocannon();
  const dial = createDial({ url, clock, tlsAuthorities });
  const line: Line = { ...openLine(context), carrier: new AutocannonCarrier({ Client, url, clock, dial }) };
  return pacedSession(context, {
    begin: (attempt, onEnd) => new Exchange(attempt, line, onEnd),
    close: () => line.carrier.close(),
  });
}

async function preflight(): Promise<{ version: string }> {
  const loaded = loadAutocannon();
  checkInternals(loaded);
  return { version: `autocannon ${loaded.version}` };
}

export const autocannon: LoadEngine = {
  id: 'autocannon',
  title: 'autocannon in this process, with our own clock, timers and records; HTTP/1.1, streams bodies',
  preflight,
  keeps(plan, adapter) {
    if (adapter.kind !== 'call') {
      return { keeps: false, why: `it calls the target, and ${adapter.id} waits to be called` };
    }
    const impatient = plan.stages.find(({ stage }) => stage.client !== null);
    return impatient === undefined
      ? { keeps: true }
      : { keeps: false, why: `the clients of stage "${impatient.stage.name}" do more than send and wait` };
  },
  open,
};
