import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../base/digest.ts';
import { generators } from '../../generators/index.ts';
import type { Corpus, CorpusItem } from '../../model/corpus.ts';
import { type BuildOptions, type BuildSummary, buildCorpus } from './build-corpus.ts';
import { manifestPath, readFolderManifest } from './manifest.ts';
import { openCorpus } from './open-corpus.ts';
import { workHere, workOnItem } from './work.ts';

const recipe = `name: calls
title: Short calls
generator: speech-longform
seed: 7
count: 6
params: { sampleRate: 8000, by: seconds, buckets: [{ from: 1, to: 3, share: 1 }] }
licence: Apache-2.0
`;
const corpus = openCorpus(recipe, 'corpora/calls.yaml', generators);

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'bench-build-')), 'calls');
});
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

function optionsFor(of: Corpus = corpus): BuildOptions {
  return {
    corpus: of,
    header: {
      corpus: of.name,
      digest: of.digest,
      generator: 'speech-longform',
      version: 1,
      seed: 7,
      count: of.items.length,
      node: 'v20.0.0',
    },
    folder,
    indexes: [...of.items.keys()],
    work: workHere(of),
    onProgress: () => undefined,
    signal: null,
  };
}

async function build(change: Partial<BuildOptions> = {}): Promise<BuildSummary> {
  return await buildCorpus({ ...optionsFor(), ...change });
}

function manifestText(): string {
  return readFileSync(manifestPath(folder), 'utf8');
}

function wholeManifest(): { isComplete: boolean; size: number } {
  const found = readFolderManifest(folder);
  if (found === null || found.header === null) {
    throw new Error('no manifest');
  }
  return { isComplete: found.isComplete, size: found.items.size };
}

/** Works until one item has been asked for, then fails as a killed process would: without a word. */
function killedBefore(index: number): BuildOptions['work'] {
  return (task, indexes, onOutcome, signal) => {
    const here = indexes.filter((wanted) => wanted < index);
    return workHere(corpus)(task, here, onOutcome, signal).then(() => {
      throw new Error('killed');
    });
  };
}

describe('a build', () => {
  it('writes each item under its name and a line with its length, SHA-256, traits and truth', async () => {
    expect(await build()).toMatchObject({ built: { items: 6 }, kept: 0, present: 6, isComplete: true });
    expect(readdirSync(folder).sort()).toEqual([
      'calls-00000.wav',
      'calls-00001.wav',
      'calls-00002.wav',
      'calls-00003.wav',
      'calls-00004.wav',
      'calls-00005.wav',
      'manifest.jsonl',
    ]);
    const lines = manifestText()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toEqual(optionsFor().header);
    expect(lines.at(-1)).toEqual({ complete: true, count: 6 });
    for (const [index, item] of corpus.items.entries()) {
      const bytes = readFileSync(join(folder, item.fileName));
      expect(bytes.length).toBe(item.bytes);
      expect(lines[index + 1]).toEqual({
        index,
        id: item.id,
        file: item.fileName,
        bytes: item.bytes,
        sha256: sha256Hex(bytes),
        traits: item.traits,
        truth: { tokens: item.truth['tokens'] },
      });
    }
  });

  it('of a part is no whole corpus, and the rest can follow', async () => {
    expect(await build({ indexes: [1, 4] })).toMatchObject({ built: { items: 2 }, present: 2, isComplete: false });
    expect(wholeManifest()).toEqual({ isComplete: false, size: 2 });
    expect(await build()).toMatchObject({ built: { items: 4 }, kept: 2, isComplete: true });
    expect(wholeManifest()).toEqual({ isComplete: true, size: 6 });
  });

  it('that is whole is left alone', async () => {
    await build();
    const before = manifestText();
    expect(await build()).toEqual({ built: { items: 0, bytes: 0 }, kept: 6, present: 6, isComplete: true });
    expect(manifestText()).toBe(before);
  });

  it('puts attachments beside their item', async () => {
    const [owner, along] = corpus.items as [CorpusItem, CorpusItem];
    const pair: Corpus = { ...corpus, items: [{ ...owner, attachments: [along] }] };
    expect(await build({ ...optionsFor(pair) })).toMatchObject({ built: { bytes: owner.bytes + along.bytes } });
    expect(readdirSync(folder)).toHaveLength(3);
    expect(await build({ ...optionsFor(pair) })).toMatchObject({ kept: 1 });
    rmSync(join(folder, along.fileName));
    expect(await build({ ...optionsFor(pair) })).toMatchObject({ built: { items: 1 }, isComplete: true });
  });
});

describe('a build goes on', () => {
  const wounds: { why: string; wound: () => void; missing: number }[] = [
    { why: 'a kill between two items', wound: () => undefined, missing: 3 },
    {
      why: 'a torn last line',
      wound: () => truncateSync(manifestPath(folder), manifestText().length - 40),
      missing: 4,
    },
    {
      why: 'a line that is no JSON',
      wound: () => appendFileSync(manifestPath(folder), '{"index":3,\n'),
      missing: 3,
    },
    {
      why: 'a file that was being written',
      wound: () => writeFileSync(join(folder, 'calls-00003.wav.part'), 'RIFF'),
      missing: 3,
    },
    {
      why: 'a file without a line',
      wound: () => writeFileSync(join(folder, 'calls-00003.wav'), 'RIFF'),
      missing: 3,
    },
    {
      why: 'a file that became shorter',
      wound: () => truncateSync(join(folder, 'calls-00001.wav'), 100),
      missing: 4,
    },
    { why: 'a file that is gone', wound: () => rmSync(join(folder, 'calls-00000.wav')), missing: 4 },
  ];
  it.each(wounds)('after $why, and ends as one that was never cut off', async ({ wound, missing }) => {
    await expect(build({ work: killedBefore(3) })).rejects.toThrow('killed');
    expect(wholeManifest()).toEqual({ isComplete: false, size: 3 });
    wound();
    expect(await build()).toMatchObject({ built: { items: missing }, kept: 6 - missing, isComplete: true });
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    for (const item of corpus.items) {
      const made = workOnItem(item, 0, { kind: 'hash' }).files[0];
      expect(sha256Hex(readFileSync(join(folder, item.fileName)))).toBe(made?.sha256);
    }
    expect(wholeManifest()).toEqual({ isComplete: true, size: 6 });
  });

  it('after a whole one lost a file: until it is back, the folder is not called whole', async () => {
    await build();
    rmSync(join(folder, 'calls-00005.wav'));
    expect(await build({ indexes: [0] })).toMatchObject({ present: 5, isComplete: false });
    expect(manifestText()).not.toContain('complete');
    expect(await build()).toMatchObject({ built: { items: 1 }, isComplete: true });
  });

  it('from items made in any order: each has its line as soon as it is there', async () => {
    const backwards: BuildOptions['work'] = (task, indexes, onOutcome, signal) =>
      workHere(corpus)(task, [...indexes].reverse(), onOutcome, signal);
    const onProgress = ({ items }: { items: number }): void => {
      expect(manifestText().match(/^\{"index"/gm)).toHaveLength(items);
    };
    await build({ work: backwards, onProgress });
    expect(wholeManifest()).toEqual({ isComplete: true, size: 6 });
    expect(await build()).toMatchObject({ kept: 6 });
  });

  it('where a signal stopped it', async () => {
    const stop = new AbortController();
    const onProgress = ({ items }: { items: number }): void => {
      if (items === 2) {
        stop.abort();
      }
    };
    expect(await build({ signal: stop.signal, onProgress })).toMatchObject({ present: 2, isComplete: false });
    expect(await build()).toMatchObject({ kept: 2, isComplete: true });
  });
});

describe('a build refuses', () => {
  it('a folder that holds another corpus, and names both', async () => {
    await build({ indexes: [0] });
    const other = openCorpus(recipe.replace('seed: 7', 'seed: 8'), 'corpora/calls.yaml', generators);
    await expect(buildCorpus(optionsFor(other))).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(`holds calls with digest ${corpus.digest.slice(0, 12)}, not calls with`) as string,
    });
  });

  it.each([
    { why: 'a folder of something else', name: 'thesis.doc', says: 'is not empty and holds no corpus' },
    { why: 'a manifest of something else', name: 'manifest.jsonl', says: 'manifest.jsonl that bench did not write' },
  ])('$why, and leaves it as it was', async ({ name, says }) => {
    mkdirSync(folder);
    writeFileSync(join(folder, name), 'x');
    await expect(build()).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(says) as string });
    expect(readdirSync(folder)).toEqual([name]);
  });

  it('a folder that is a file', async () => {
    writeFileSync(folder, 'x');
    await expect(build()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('EEXIST') as string,
    });
  });

  it('a disk that is too small, before it writes an item', async () => {
    const huge: Corpus = { ...corpus, items: corpus.items.map((item) => ({ ...item, bytes: 1e17 })) };
    await expect(buildCorpus(optionsFor(huge))).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(readdirSync(folder)).toEqual(['manifest.jsonl']);
  });

  it.each(['../escape.wav', 'a/b.wav', '', 'manifest.jsonl', 'x.part'])('an item named "%s"', async (fileName) => {
    const [first] = corpus.items as [CorpusItem];
    await expect(buildCorpus(optionsFor({ ...corpus, items: [{ ...first, fileName }] }))).rejects.toMatchObject({
      code: 'RECIPE_INVALID',
    });
    expect(existsSync(folder)).toBe(false);
  });
});
