import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { CsvAppender } from './append-csv.ts';
import { replaceOrSay } from './write-or-say.ts';

/** What the disk still takes. As the kernel does, it takes the first part of a write that does not fit. */
const disk = vi.hoisted(() => ({ freeBytes: Number.POSITIVE_INFINITY }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync(descriptor: number, bytes: Buffer, offset = 0): number {
      if (disk.freeBytes === 0) {
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      }
      const taken = fs.writeSync(descriptor, bytes, offset, Math.min(disk.freeBytes, bytes.length - offset));
      disk.freeBytes -= taken;
      return taken;
    },
  };
});

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-full-'));
  disk.freeBytes = Number.POSITIVE_INFINITY;
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const noSpace = (error: unknown): boolean =>
  error instanceof BenchError && error.exitCode === 5 && error.message.endsWith('cannot be written: ENOSPC.');

describe('a table on a disk that is full', () => {
  it('tells the first failure once, lets later rows go and writes nothing behind the torn one', () => {
    const failures: Error[] = [];
    const path = join(scratch, 'x.csv');
    const table = new CsvAppender(path, ['a', 'b'], (failure) => failures.push(failure));
    table.append(['one', 1]);
    table.flush();
    disk.freeBytes = 3;
    table.append(['two', 2]);
    table.flush();
    disk.freeBytes = 1000;
    table.append(['three', 3]);
    table.flush();
    expect(failures.map(noSpace)).toEqual([true]);
    expect(() => table.close()).toThrow('cannot be written: ENOSPC.');
    expect(readFileSync(path, 'utf8')).toBe('a,b\none,1\ntwo');
  });

  it('throws it where nobody listens', () => {
    const table = new CsvAppender(join(scratch, 'x.csv'), ['a']);
    disk.freeBytes = 0;
    table.append([1]);
    expect(() => table.flush()).toThrow('cannot be written: ENOSPC.');
  });
});

describe('a file that is replaced on a disk that is full', () => {
  it.each([0, 1, 9])('keeps its old text when %i bytes are free, and leaves nothing beside it', (freeBytes) => {
    const path = join(scratch, 'manifest.json');
    replaceOrSay(path, '{"status":"running"}');
    disk.freeBytes = freeBytes;
    expect(() => replaceOrSay(path, '{"status":"completed"}')).toThrow('manifest.json cannot be written: ENOSPC.');
    expect(readFileSync(path, 'utf8')).toBe('{"status":"running"}');
    expect(readdirSync(scratch)).toEqual(['manifest.json']);
  });
});
