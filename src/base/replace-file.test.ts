import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { replaceFile } from './replace-file.ts';

/** How many bytes the disk takes at once, and in all. */
const disk = vi.hoisted(() => ({ atOnceBytes: 0, freeBytes: 0 }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync(descriptor: number, bytes: Uint8Array, offset = 0): number {
      const taken = Math.min(disk.atOnceBytes, disk.freeBytes, bytes.length - offset);
      if (taken === 0) {
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      }
      disk.freeBytes -= taken;
      return fs.writeSync(descriptor, bytes, offset, taken);
    },
  };
});

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-replace-'));
  disk.atOnceBytes = 1000;
  disk.freeBytes = 1000;
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

describe('a file that is replaced', () => {
  it.each([
    { why: 'a text', content: 'größer', atOnceBytes: 1000 },
    { why: 'bytes', content: Uint8Array.of(0, 255, 10), atOnceBytes: 1000 },
    { why: 'a disk that takes two bytes at a time', content: 'whole after all', atOnceBytes: 2 },
    { why: 'nothing', content: '', atOnceBytes: 1000 },
  ])('holds all of it: $why', ({ content, atOnceBytes }) => {
    const path = join(scratch, 'x.json');
    writeFileSync(path, 'old');
    disk.atOnceBytes = atOnceBytes;
    replaceFile(path, content);
    expect(readFileSync(path)).toEqual(Buffer.from(content));
    expect(readdirSync(scratch)).toEqual(['x.json']);
  });

  it.each([0, 1, 6])('is the old one with %i bytes free, and nothing lies beside it', (freeBytes) => {
    const path = join(scratch, 'x.json');
    writeFileSync(path, 'old');
    disk.freeBytes = freeBytes;
    expect(() => replaceFile(path, 'the new')).toThrow('ENOSPC');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(scratch)).toEqual(['x.json']);
  });

  it('says ENOENT where there is no such folder', () => {
    expect(() => replaceFile(join(scratch, 'no', 'x.json'), 'x')).toThrow('ENOENT');
  });
});
