import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../base/digest.ts';
import { createRandom } from '../base/random.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { formatListedFile } from '../model/file-list.ts';
import { importedFiles } from './imported-files.ts';

const place = 'corpora/x.yaml:6:1 params';
const params = { folder: 'own', files: 'x.files.jsonl' };
let folder = '';

function noise(bytes: number): Buffer {
  const random = createRandom(`file/${bytes}`);
  return Buffer.from(Array.from({ length: bytes }, () => random.below(256)));
}

/** Bytes by name: a short one, one of exactly two chunks, one of more. */
const contents = {
  'a.wav': noise(10),
  'deep/b.flac': noise(131_072),
  'c.jpg': noise(200_001),
} as const;
const mediaTypes = ['audio/wav', 'audio/flac', 'image/jpeg'];
const transcripts = ['Good morning.', null, null];

function writeList(change: (line: string) => string = (line) => line): void {
  const lines = Object.entries(contents).map(([file, bytes], index) =>
    formatListedFile({
      file,
      bytes: bytes.length,
      sha256: sha256Hex(bytes),
      mediaType: mediaTypes[index] ?? '',
      traits: { audioSeconds: index },
      text: transcripts[index] ?? null,
    }),
  );
  writeFileSync(join(folder, 'x.files.jsonl'), lines.map(change).join('\n'));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-imported-'));
  mkdirSync(join(folder, 'own/deep'), { recursive: true });
  for (const [file, bytes] of Object.entries(contents)) {
    writeFileSync(join(folder, 'own', file), bytes);
  }
  writeList();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function make(more: object = {}, count = 3): readonly CorpusItem[] {
  return importedFiles.items({ ...params, ...more }, { name: 'x', count, random: createRandom('test'), place, folder });
}

function bytesOf(item: CorpusItem | undefined, range?: { start: number; end: number }): Buffer {
  return Buffer.concat(Array.from(item?.chunks(range) ?? [], (chunk) => Buffer.from(chunk)));
}

/** null: closed since it was listed. */
function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

describe('an imported file', () => {
  it('is sent as it is, with what its list knows of it', () => {
    const items = make();
    expect(
      items.map(({ bytes, mediaType, fileName, content, sha256, traits, truth }) => ({
        bytes,
        mediaType,
        fileName,
        content,
        sha256,
        traits,
        truth,
      })),
    ).toEqual(
      Object.values(contents).map((bytes, index) => ({
        bytes: bytes.length,
        mediaType: mediaTypes[index],
        fileName: ['x-00000.wav', 'x-00001.flac', 'x-00002.jpg'][index],
        content: 'import',
        sha256: sha256Hex(bytes),
        traits: { audioSeconds: index },
        truth: index === 0 ? { text: 'Good morning.' } : {},
      })),
    );
    for (const [index, bytes] of Object.values(contents).entries()) {
      expect(bytesOf(items[index]).equals(bytes)).toBe(true);
    }
  });

  it('gives in any range the bytes of the whole', () => {
    const [, , item] = make();
    const whole = contents['c.jpg'];
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length + 100), (a, b) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) };
        expect(bytesOf(item, range).equals(whole.subarray(range.start, range.end))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('comes in one buffer of at most 64 KiB, and is closed even when nobody reads to its end', () => {
    const path = join(folder, 'own/c.jpg');
    const readers = (): number =>
      readdirSync('/proc/self/fd').filter((name) => linkOf(`/proc/self/fd/${name}`) === path).length;
    const seen = new Set<ArrayBufferLike>();
    for (const chunk of make()[2]?.chunks() ?? []) {
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      expect(readers()).toBe(1);
      seen.add(chunk.buffer);
      if (chunk.length < 65_536) {
        break;
      }
    }
    expect(seen.size).toBe(1);
    expect(readers()).toBe(0);
  });

  it('has another id when its content, its type or its transcript is another', () => {
    const before = make()[0]?.id;
    expect(before).toMatch(/^x\/00000-[0-9a-f]{12}$/);
    const changes = [
      (line: string) => line.replace('Good morning.', 'Good evening.'),
      (line: string) => line.replace('audio/wav', 'audio/flac'),
      (line: string) => line.replace(/"sha256":"../, '"sha256":"00'),
    ];
    const ids = changes.map((change) => {
      writeList(change);
      return make()[0]?.id;
    });
    expect(new Set([before, ...ids]).size).toBe(4);
  });

  it('that ends early while it is read stops the reader, with its name', () => {
    const [, , item] = make();
    truncateSync(join(folder, 'own/c.jpg'), 70_000);
    expect(() => bytesOf(item)).toThrowError(
      expect.objectContaining({
        code: 'CORPUS_DIGEST_MISMATCH',
        message: expect.stringMatching(/own\/c\.jpg ends after 70000 bytes of 200001\.$/) as string,
      }),
    );
  });

  it('that went away since the corpus was opened is named', () => {
    const [item] = make();
    rmSync(join(folder, 'own/a.wav'));
    expect(() => bytesOf(item)).toThrowError(expect.objectContaining({ code: 'CORPUS_UNAVAILABLE' }));
  });
});

describe('a corpus of files', () => {
  it('takes the first of its list where it wants fewer', () => {
    expect(make({}, 2).map(({ fileName }) => fileName)).toEqual(['x-00000.wav', 'x-00001.flac']);
  });

  it('can be shuffled, by the seed alone', () => {
    const types = (): string[] => make({ order: 'shuffled' }).map(({ mediaType }) => mediaType);
    expect(types()).toEqual(types());
    expect([...types()].sort()).toEqual([...mediaTypes].sort());
  });

  const own = (name: string): string => join(folder, 'own', name);
  it.each([
    {
      why: 'a file has another size',
      break: () => writeFileSync(own('a.wav'), 'twelve bytes'),
      code: 'CORPUS_DIGEST_MISMATCH',
      says: /own\/a\.wav has 12 bytes, but its list says 10\.$/,
    },
    {
      why: 'a file is gone',
      break: () => rmSync(own('deep/b.flac')),
      code: 'CORPUS_UNAVAILABLE',
      says: /params\.folder: .*own\/deep\/b\.flac is listed but cannot be read\.$/,
    },
    {
      why: 'the list is gone',
      break: () => rmSync(join(folder, 'x.files.jsonl')),
      code: 'CORPUS_UNAVAILABLE',
      says: /params\.files: the list .*x\.files\.jsonl cannot be read\.$/,
    },
    {
      why: 'the list is damaged',
      break: () => writeList((line) => line.slice(0, -1)),
      code: 'RECIPE_INVALID',
      says: /x\.files\.jsonl:1: the line is not JSON\.$/,
    },
    {
      why: 'the list is too short',
      break: () => writeFileSync(join(folder, 'x.files.jsonl'), ''),
      code: 'RECIPE_INVALID',
      says: /params\.files: x\.files\.jsonl lists 0 files, but the corpus has 3 items\.$/,
    },
  ])('is refused where $why', ({ break: harm, code, says }) => {
    harm();
    expect(() => make()).toThrowError(
      expect.objectContaining({
        code,
        message: expect.stringMatching(says) as string,
        hint: expect.any(String) as string,
      }),
    );
  });

  it.each([
    { why: 'a list elsewhere', more: { files: '../x.files.jsonl' }, says: 'params.files: must be NAME.files.jsonl' },
    { why: 'a list of another kind', more: { files: 'x.csv' }, says: 'params.files: must be NAME.files.jsonl' },
    { why: 'no folder', more: { folder: '' }, says: 'params.folder:' },
    { why: 'an unknown order', more: { order: 'random' }, says: 'params.order:' },
    { why: 'an unknown key', more: { unique: 'comment' }, says: 'params: there is no parameter "unique".' },
  ])('is refused with $why', ({ more, says }) => {
    expect(() => make(more)).toThrowError(
      expect.objectContaining({
        code: 'RECIPE_INVALID',
        message: expect.stringContaining(`corpora/x.yaml:6:1 ${says}`) as string,
      }),
    );
  });
});
