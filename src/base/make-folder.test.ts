import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

describe('makeFolder', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'make-folder-'));
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  it('makes all that is missing, and nothing twice', () => {
    makeFolder(join(scratch, 'a', 'b', 'c'));
    makeFolder(join(scratch, 'a', 'b', 'c'));
    expect(existsSync(join(scratch, 'a', 'b', 'c'))).toBe(true);
  });

  it('ends with a system error where a file is', () => {
    writeFileSync(join(scratch, 'file'), '');
    expect(() => makeFolder(join(scratch, 'file'))).toThrow(/EEXIST/);
  });

  it('ends with a system error below a file', () => {
    writeFileSync(join(scratch, 'file'), '');
    expect(() => makeFolder(join(scratch, 'file', 'below'))).toThrow(/ENOTDIR/);
  });

  it.skipIf(process.platform !== 'linux')('ends with a system error where no folder can be made', () => {
    expect(() => makeFolder('/proc/headroom/results')).toThrow(/ENOENT/);
  });
});
