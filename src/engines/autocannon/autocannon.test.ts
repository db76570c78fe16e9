import { describe, expect, it } from 'vitest';
import type { ServeAdapter } from '../../model/adapter.ts';
import type { Plan } from '../../model/plan.ts';
import { rawAdapter } from '../../testing/contract-rows.ts';
import { describeEngineContract } from '../../testing/engine-contract.ts';
import { autocannon } from './autocannon.ts';

const impatient = 'do more than send and wait';
const streams = 'its replies are streams';

describeEngineContract(autocannon, {
  cannot: {
    abandon: impatient,
    'abandon-answered': impatient,
    'slow-upload': impatient,
    disconnect: impatient,
    'slow-stream': streams,
    'silent-stream': streams,
    'cut-stream': streams,
  },
});

describe('the autocannon engine', () => {
  const nothing: Plan = { hash: '', stages: [], rows: () => null, rates: () => [] };
  const served: ServeAdapter = {
    kind: 'serve',
    id: 'queue',
    title: 'a queue',
    accepts: [],
    basePath: '/',
    announce: () => null,
    reply: () => ({ status: 404, json: null }),
  };

  it('refuses adapters that wait to be called, and no others', () => {
    expect(autocannon.keeps(nothing, rawAdapter)).toEqual({ keeps: true });
    expect(autocannon.keeps(nothing, served)).toEqual({
      keeps: false,
      why: 'it calls the target, and queue waits to be called',
    });
  });

  it('names the version of the package that it drives', async () => {
    expect(await autocannon.preflight()).toEqual({ version: 'autocannon 9.0.0' });
  });
});
