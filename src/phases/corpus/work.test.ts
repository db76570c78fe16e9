import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generators } from '../../generators/index.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { openCorpus } from './open-corpus.ts';
import { writeItemFile } from './work.ts';

const recipe = `name: calls
title: Short calls
generator: speech-longform
seed: 7
count: 1
params: { sampleRate: 8000, by: seconds, buckets: [{ from: 1, to: 3, share: 1 }] }
licence: Apache-2.0
`;
const [item] = openCorpus(recipe, 'corpora/calls.yaml', generators).items as [CorpusItem];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-work-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('an item file', () => {
  const failing = (code: string): typeof writeItemFile => {
    let left = 10_000;
    return (of, into) =>
      writeItemFile(of, into, ((_file: number, bytes: Uint8Array, at: number, length: number) => {
        left -= length;
        if (left < 0) {
          throw Object.assign(new Error(`${code}: write`), { code });
        }
        return bytes.subarray(at, at + length).length;
      }) as Parameters<typeof writeItemFile>[2]);
  };

  it.each([
    { code: 'ENOSPC', as: 'NO_SPACE' },
    { code: 'EDQUOT', as: 'NO_SPACE' },
    { code: 'EROFS', as: 'USAGE' },
  ])('that meets $code leaves nothing torn behind and is a $as', ({ code, as }) => {
    expect(() => failing(code)(item, folder)).toThrowError(
      expect.objectContaining({ code: as, message: expect.stringContaining(item.fileName) as string }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a source that has changed since it was listed is not written', () => {
    expect(() => writeItemFile({ ...item, sha256: 'ab'.repeat(32) }, folder)).toThrowError(
      expect.objectContaining({ code: 'CORPUS_DIGEST_MISMATCH' }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is not as long as announced is not written', () => {
    expect(() => writeItemFile({ ...item, bytes: item.bytes + 1 }, folder)).toThrowError(
      expect.objectContaining({ code: 'CORPUS_DIGEST_MISMATCH' }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
