import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generators } from '../generators/index.ts';
import { openCorpus } from '../phases/corpus/open-corpus.ts';
import { workInThreads } from '../phases/corpus/threads.ts';
import { type ItemOutcome, workHere } from '../phases/corpus/work.ts';

const script = fileURLToPath(new URL('../../dist/cli/corpus-thread-main.js', import.meta.url));
// Far more batches than are handed out before the first outcome arrives.
const count = 3000;
const recipe = {
  text: `name: calls
title: Short calls
generator: speech-longform
seed: 7
count: ${count}
params: { sampleRate: 8000, by: seconds, buckets: [{ from: 1, to: 2, share: 1 }] }
licence: Apache-2.0
`,
  fileName: 'corpora/calls.yaml',
};
const corpus = openCorpus(recipe.text, recipe.fileName, generators);
const all = [...corpus.items.keys()];
const some = all.slice(0, 300);

describe.skipIf(!existsSync(script))('threads (needs a build in dist/)', () => {
  const work = workInThreads({ script, recipe, corpus, threads: 2 });

  it('make of each item what one thread makes of it, once', async () => {
    const [threaded, here]: [ItemOutcome[], ItemOutcome[]] = [[], []];
    await work({ kind: 'hash' }, some, (outcome) => threaded.push(outcome), null);
    await workHere(corpus)({ kind: 'hash' }, some, (outcome) => here.push(outcome), null);
    threaded.sort((a, b) => a.index - b.index);
    expect(threaded).toEqual(here);
  });

  it('hand on the error of a full or missing disk as one that a user can mend', async () => {
    const gone = join(mkdtempSync(join(tmpdir(), 'bench-threads-')), 'gone');
    await expect(work({ kind: 'write', folder: gone }, some, () => undefined, null)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('cannot be written: ENOENT') as string,
    });
    rmSync(join(gone, '..'), { recursive: true });
  });

  it('stop when whoever takes the outcomes fails, and say why', async () => {
    const take = (): void => {
      throw new Error('full');
    };
    await expect(work({ kind: 'hash' }, some, take, null)).rejects.toThrow('full');
  });

  it('end at once on a signal', async () => {
    const stop = new AbortController();
    const outcomes: ItemOutcome[] = [];
    const take = (outcome: ItemOutcome): void => {
      outcomes.push(outcome);
      stop.abort();
    };
    await work({ kind: 'hash' }, all, take, stop.signal);
    expect(outcomes.length).toBeLessThan(count);
  });
});
