import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { damaged } from '../../testing/damaged.ts';
import { closingLine, manifestName, readFolderManifest } from './manifest.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-manifest-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const header = { corpus: 'c', digest: 'd', generator: 'tones', version: 1, seed: 7, count: 2, node: 'v20' };
const file = (index: number): object => ({ index, id: `i${index}`, file: `${index}.wav`, bytes: 9, sha256: 'ab' });
const text = [header, file(0), file(1)].map((line) => `${JSON.stringify(line)}\n`).join('') + closingLine(2);

describe('the manifest of a built folder', () => {
  it('that is damaged is read up to its first bad line, or is not ours', () => {
    fc.assert(
      fc.property(damaged(text, ''), (written) => {
        writeFileSync(join(folder, manifestName), written);
        const read = readFolderManifest(folder);
        if (read === null || read.header === null) {
          return;
        }
        expect(read.keptBytes).toBeLessThanOrEqual(Buffer.byteLength(written));
        expect(read.isComplete && read.tornLine !== null && read.items.size === 0).toBe(false);
        const bytes = [...read.items.values()].flat().map((made) => made.bytes);
        expect(bytes.filter((count) => !(Number.isFinite(count) && count >= 0))).toEqual([]);
      }),
    );
  });

  it('that is cut anywhere gives the items before the cut', () => {
    fc.assert(
      fc.property(fc.nat({ max: text.length }), (length) => {
        writeFileSync(join(folder, manifestName), text.slice(0, length));
        const read = readFolderManifest(folder);
        const lines = text.slice(0, length).split('\n').length - 1;
        const items = read === null || read.header === null ? 0 : read.items.size;
        expect(items).toBe(Math.max(0, Math.min(2, lines - 1)));
      }),
    );
  });
});
