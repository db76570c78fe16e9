import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { removeScratch, scratchFolder } from '../testing/run-folder.ts';
import { prepareProfile } from './prepare-profile.ts';

afterEach(removeScratch);

const options = { scale: 0.01, engine: 'native' };

describe('a corpus that is named by the file of its recipe', () => {
  it('makes the run that its name makes, wherever the file lies', async () => {
    const path = join(scratchFolder(), 'recipe-of-mine.yaml');
    copyFileSync(resolve('corpora', 'stt-short.yaml'), path);
    const byName = await prepareProfile('smoke', { ...options, corpus: 'stt-short' });
    const byFile = await prepareProfile('smoke', { ...options, corpus: path });
    expect(byFile.profile).toEqual(byName.profile);
    expect([byFile.profileHash, byFile.plan.hash]).toEqual([byName.profileHash, byName.plan.hash]);
    expect([byName.recipe, byFile.recipe]).toEqual(['stt-short', path]);
  });
});
