import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { plugIns } from '../../cli/lists.ts';
import { tryOneRequest } from '../../cli/wire-options.ts';
import { anyOptions } from '../../testing/contract-rows.ts';
import { prepare } from '../plan/prepare.ts';
import { serverKinds } from './kinds.ts';

const read = (folder: string, name: string) => {
  const fileName = `${folder}/${name}.yaml`;
  return { text: readFileSync(fileName, 'utf8'), fileName };
};

describe('the kinds of server that init knows', () => {
  it.each(serverKinds)('plan something that $adapter can send: $id', async ({ profile, adapter, corpus, template }) => {
    const prepared = await prepare({
      profile: read('profiles', profile),
      readRecipe: (name) => read('corpora', name),
      scale: 0.05,
      seed: null,
      corpus,
      adapter,
      only: null,
      timeoutMs: null,
      sampleIntervalMs: null,
      engine: 'auto',
      plugIns,
    });
    expect(prepared.adapter.id).toBe(adapter);
    expect(prepared.plan.stages.length).toBeGreaterThan(0);
    expect(() => tryOneRequest(prepared, { ...anyOptions, template })).not.toThrow();
  });
});
