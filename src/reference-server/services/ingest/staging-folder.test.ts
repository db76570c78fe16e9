import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeStagingFolder, removeStagingFolder, removeStale } from './staging-folder.ts';

/** Above the largest process id that Linux gives (proc(5), pid_max). */
const nobodysPid = 4_194_305;
const parent = mkdtempSync(join(tmpdir(), 'staging-'));

afterAll(() => rmSync(parent, { recursive: true }));

describe('removeStale', () => {
  it.each([
    ['a folder of a process that is gone', `headroom-ingest-${nobodysPid}-abc123`, false],
    ['a folder of a process that lives', `headroom-ingest-${process.pid}-abc123`, true],
    ['a folder of another program', 'torch_4194305_abc', true],
    ['a name that only looks alike', 'headroom-ingest-backup', true],
  ])('meets %s', (_why, name, stays) => {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, '0-1-0.f32'), 'x');
    removeStale(parent);
    expect(existsSync(join(parent, name))).toBe(stays);
  });

  it('leaves a file of that name alone', () => {
    const path = join(parent, `headroom-ingest-${nobodysPid}-file`);
    writeFileSync(path, 'x');
    removeStale(parent);
    expect(existsSync(path)).toBe(true);
  });
});

describe('makeStagingFolder', () => {
  it('makes a folder of our own name in /dev/shm', () => {
    const folder = makeStagingFolder('shm');
    expect([dirname(folder), existsSync(folder)]).toEqual(['/dev/shm', true]);
    expect(folder).toContain(`headroom-ingest-${process.pid}-`);
    removeStagingFolder(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('does not take memory for a disk', () => {
    const folder = makeStagingFolder('disk');
    expect(folder.startsWith('/dev/shm')).toBe(false);
    removeStagingFolder(folder);
  });

  it('is removed only once, and may be gone already', () => {
    expect(() => removeStagingFolder(join(parent, 'never-made'))).not.toThrow();
  });
});
