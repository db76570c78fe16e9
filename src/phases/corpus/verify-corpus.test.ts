import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex, sha256OfChunks } from '../../base/digest.ts';
import { generators } from '../../generators/index.ts';
import type { Corpus, CorpusItem } from '../../model/corpus.ts';
import { buildCorpus } from './build-corpus.ts';
import { manifestPath } from './manifest.ts';
import { openCorpus } from './open-corpus.ts';
import { refuseOtherContent, type VerifyOptions, type VerifySummary, verifyCorpus } from './verify-corpus.ts';
import { faultLine, workHere } from './work.ts';

const recipe = `name: calls
title: Short calls
generator: speech-longform
seed: 7
count: 5
params: { sampleRate: 8000, by: seconds, buckets: [{ from: 1, to: 3, share: 1 }] }
licence: Apache-2.0
`;
const corpus = openCorpus(recipe, 'corpora/calls.yaml', generators);
const hashes = corpus.items.map((item) => sha256OfChunks(item.chunks()));

function verify(change: Partial<VerifyOptions> = {}, of: Corpus = corpus): Promise<VerifySummary> {
  return verifyCorpus({
    corpus: of,
    folder: null,
    indexes: null,
    work: workHere(of),
    onProgress: () => undefined,
    ...change,
  });
}

describe('a corpus made again', () => {
  it('has the SHA-256 over the SHA-256 of its items as its content digest', async () => {
    expect(await verify()).toEqual({
      items: 5,
      bytes: corpus.items.reduce((all, { bytes }) => all + bytes, 0),
      contentDigest: sha256Hex(hashes.join('')),
      isWhole: true,
      faults: [],
    });
  });

  it('has the same digest whatever order its items are made in, with attachments after their item', async () => {
    const [first, second] = corpus.items as [CorpusItem, CorpusItem];
    const pair: Corpus = { ...corpus, items: [{ ...first, attachments: [second] }, ...corpus.items.slice(2)] };
    const work: VerifyOptions['work'] = (task, indexes, onOutcome, signal) =>
      workHere(pair)(task, [...indexes].reverse(), onOutcome, signal);
    expect((await verify({ work }, pair)).contentDigest).toBe(sha256Hex(hashes.join('')));
  });

  it('in part is known to be a part, with a digest of its own', async () => {
    expect(await verify({ indexes: [1, 3] })).toMatchObject({
      items: 2,
      contentDigest: sha256Hex(`${hashes[1]}${hashes[3]}`),
      isWhole: false,
    });
  });

  it('is at fault where a listed file has another SHA-256', async () => {
    const listed = corpus.items.map((item, index) => ({
      ...item,
      sha256: index === 2 ? 'ab'.repeat(32) : (hashes[index] ?? null),
    }));
    const { faults } = await verify({}, { ...corpus, items: listed });
    expect(faults.map(faultLine)).toEqual([
      expect.stringMatching(/^changed: calls\/00002 has SHA-256 \w{12}, but was listed with abab/),
    ]);
  });

  it('reports how far it is', async () => {
    const seen: number[] = [];
    const { bytes } = await verify({ onProgress: (step) => seen.push(step.items, step.bytesWanted) });
    expect(seen).toEqual([1, bytes, 2, bytes, 3, bytes, 4, bytes, 5, bytes]);
  });
});

describe('the content digest of a recipe', () => {
  const place = 'corpora/calls.yaml:9:1 contentDigest';
  it('that differs stops with exit 3, and says what to write', () => {
    expect(() => refuseOtherContent('ab'.repeat(32), 'cd'.repeat(32), place)).toThrowError(
      expect.objectContaining({
        code: 'CORPUS_DIGEST_MISMATCH',
        exitCode: 3,
        message: `${place}: the recipe pins abababababab, but the bytes made here are cdcdcdcdcdcd.`,
        hint: expect.stringContaining(`contentDigest: ${'cd'.repeat(32)}`) as string,
      }),
    );
  });

  it('that agrees, or is not pinned, passes', () => {
    expect(() => refuseOtherContent('ab'.repeat(32), 'ab'.repeat(32), place)).not.toThrow();
    expect(() => refuseOtherContent(null, 'ab'.repeat(32), place)).not.toThrow();
  });
});

describe('a built folder', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bench-verify-'));
    await build([...corpus.items.keys()]);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  async function build(indexes: readonly number[]): Promise<void> {
    await buildCorpus({
      corpus,
      header: {
        corpus: 'calls',
        digest: corpus.digest,
        generator: 'speech-longform',
        version: 1,
        seed: 7,
        count: 5,
        node: 'v20.0.0',
      },
      folder,
      indexes,
      work: workHere(corpus),
      onProgress: () => undefined,
      signal: null,
    });
  }
  function changeByte(name: string, place: number): void {
    const bytes = readFileSync(at(name));
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(at(name), bytes);
  }
  function editManifest(edit: (text: string) => string): void {
    writeFileSync(manifestPath(folder), edit(readFileSync(manifestPath(folder), 'utf8')));
  }

  it('that is as it was built has no fault', async () => {
    expect(await verify({ folder })).toMatchObject({ items: 5, isWhole: true, faults: [] });
  });

  const wounds: { why: string; wound: () => void; faults: string[] }[] = [
    {
      why: 'one changed byte',
      wound: () => changeByte('calls-00003.wav', 12_345),
      faults: ['changed: calls-00003.wav differs from byte 12345 on'],
    },
    {
      why: 'its first byte changed, and its last',
      wound: () => {
        changeByte('calls-00000.wav', 0);
        changeByte('calls-00001.wav', (corpus.items[1]?.bytes ?? 0) - 1);
      },
      faults: [
        'changed: calls-00000.wav differs from byte 0 on',
        `changed: calls-00001.wav differs from byte ${(corpus.items[1]?.bytes ?? 0) - 1} on`,
      ],
    },
    { why: 'a missing file', wound: () => rmSync(at('calls-00002.wav')), faults: ['missing: calls-00002.wav'] },
    {
      why: 'a torn file',
      wound: () => truncateSync(at('calls-00002.wav'), 100),
      faults: [`torn: calls-00002.wav has 100 bytes instead of ${corpus.items[2]?.bytes}`],
    },
    {
      why: 'a file that grew',
      wound: () => writeFileSync(at('calls-00002.wav'), Buffer.alloc(1e6)),
      faults: [`changed: calls-00002.wav has 1000000 bytes instead of ${corpus.items[2]?.bytes}`],
    },
    {
      why: 'a line of another SHA-256',
      wound: () => editManifest((text) => text.replace(hashes[4] ?? '', 'ab'.repeat(32))),
      faults: ['changed: the line of calls-00004.wav in manifest.jsonl'],
    },
    {
      why: 'no closing line',
      wound: () => editManifest((text) => text.replace(/\{"complete.*\n$/, '')),
      faults: ['half-built: 5 of 5 items are in manifest.jsonl'],
    },
    {
      why: 'a torn last line',
      wound: () => editManifest((text) => text.replace(/\{"complete.*\n$/, '').slice(0, -20)),
      faults: ['torn: manifest.jsonl from line 6 on', 'half-built: 4 of 5 items are in manifest.jsonl'],
    },
    {
      why: 'two items only',
      wound: () =>
        editManifest((text) =>
          text
            .split('\n')
            .slice(0, 3)
            .map((line) => `${line}\n`)
            .join(''),
        ),
      faults: ['half-built: 2 of 5 items are in manifest.jsonl'],
    },
  ];
  it.each(wounds)('with $why says so in one line each', async ({ wound, faults }) => {
    wound();
    expect((await verify({ folder })).faults.map(faultLine)).toEqual(faults);
  });

  it('of a part is sound for that part, and at fault for an item that is not there', async () => {
    rmSync(folder, { recursive: true });
    await build([1, 2]);
    expect(await verify({ folder, indexes: [1, 2] })).toMatchObject({ isWhole: false, faults: [] });
    expect((await verify({ folder, indexes: [0, 1] })).faults.map(faultLine)).toEqual(['missing: calls-00000.wav']);
  });

  it.each([
    { why: 'there is none', wound: () => rmSync(folder, { recursive: true }), code: 'USAGE' },
    { why: 'it has no manifest', wound: () => rmSync(manifestPath(folder)), code: 'USAGE' },
    {
      why: 'it is of another corpus',
      wound: () => editManifest((text) => text.replace(corpus.digest, 'ab'.repeat(32))),
      code: 'CORPUS_DIGEST_MISMATCH',
    },
  ])('is refused if $why', async ({ wound, code }) => {
    wound();
    await expect(verify({ folder })).rejects.toMatchObject({ code });
  });
});
