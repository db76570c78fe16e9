import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allocatorSettings, gpuModels, readHostFacts } from './host-facts.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-host-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

describe('what must or should agree between hosts', () => {
  it.each([
    { why: 'no device', models: [], text: 'none' },
    { why: 'two kinds', models: ['B', 'A', 'B'], text: '1 x A, 2 x B' },
  ])('counts devices by their model: $why', ({ models, text }) => {
    for (const [index, model] of models.entries()) {
      mkdirSync(join(scratch, `gpu${index}`));
      writeFileSync(join(scratch, `gpu${index}`, 'information'), `Model: \t\t ${model}\nIRQ:   \t\t 1\n`);
    }
    expect(gpuModels(scratch)).toBe(text);
  });

  it('knows no device without the driver, and no model that cannot be read', () => {
    expect(gpuModels(join(scratch, 'nothing'))).toBe('none');
    mkdirSync(join(scratch, 'gpu0'));
    expect(gpuModels(scratch)).toBe('1 x unknown');
  });

  it.each([
    { why: 'nothing set', environment: { PATH: '/bin' }, text: 'none' },
    {
      why: 'in the order of their names',
      environment: { MALLOC_ARENA_MAX: '2', LD_PRELOAD: '/x.so', HOME: '/' },
      text: 'LD_PRELOAD=/x.so MALLOC_ARENA_MAX=2',
    },
  ])('tells only what moves the allocator: $why', ({ environment, text }) => {
    expect(allocatorSettings(environment)).toBe(text);
  });

  it('reads this host twice to the same', async () => {
    const first = await readHostFacts();
    expect((await readHostFacts()).comparability).toEqual(first.comparability);
    expect(Object.keys(first.comparability.must)).toEqual(
      expect.arrayContaining(['architecture', 'processor', 'memory class', 'swap', 'GPUs']),
    );
  });
});
