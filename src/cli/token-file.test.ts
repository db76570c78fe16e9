import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTokenFile, warnOfOpenToken } from './token-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'headroom-token-'));
const path = join(folder, 'token');
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file with a token', () => {
  it('is read without the blanks around it', () => {
    writeFileSync(path, ' a-token-of-24-characters\n');
    expect(readTokenFile('--token-file', path)).toBe('a-token-of-24-characters');
  });

  it.each(['first-line-of-it\nsecond', 'two words of them', 'nul-\0-in-the-middle', 'ümlaut-in-the-token'])(
    'is refused where no header can carry it, without telling it: %j',
    (text) => {
      writeFileSync(path, text);
      const refusal = { code: 'USAGE', message: expect.not.stringContaining(text.slice(0, 5)) as string };
      expect(() => readTokenFile('--token-file', path)).toThrow(expect.objectContaining(refusal));
    },
  );

  it.each([
    [0o600, 0],
    [0o400, 0],
    [0o640, 1],
    [0o604, 1],
  ])('with the mode %o brings %i warnings', (mode, warnings) => {
    const told: string[] = [];
    rmSync(path, { force: true });
    writeFileSync(path, 'a-token-of-24-characters');
    chmodSync(path, mode);
    warnOfOpenToken(path, { err: (text) => told.push(text) });
    warnOfOpenToken(undefined, { err: (text) => told.push(text) });
    expect(told).toHaveLength(warnings);
  });
});
