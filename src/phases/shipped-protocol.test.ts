import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shippedProtocol } from './shipped-protocol.ts';

const root = new URL('../../', import.meta.url);
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-protocol-'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe('the rules that came with the code', () => {
  it('are PROTOCOL.md, byte for byte, by the version in its title', () => {
    const page = readFileSync(new URL('PROTOCOL.md', root));
    expect(shippedProtocol()).toEqual({
      version: /version (\d+\.\d+)/.exec(page.toString('utf8'))?.[1],
      sha256: createHash('sha256').update(page).digest('hex'),
    });
  });

  it('are a file of the package', () => {
    const { files } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { files: string[] };
    expect(files).toContain('PROTOCOL.md');
  });

  it.each([
    { why: 'the page was not installed', page: null },
    { why: 'the title has no version', page: '# Rules\n\n1.1 A rule of version 2.0\n' },
    { why: 'the version is not in the title', page: 'Rules\n# of version 2.0\n' },
    { why: 'the page is empty', page: '' },
  ])('are null where $why', ({ page }) => {
    const path = join(scratch, page === null ? 'none.md' : 'page.md');
    if (page !== null) {
      writeFileSync(path, page);
    }
    expect(shippedProtocol(pathToFileURL(path))).toBeNull();
  });

  it('have another digest as soon as a byte differs', () => {
    const digestOf = (text: string): string | undefined => {
      const path = join(scratch, 'changed.md');
      writeFileSync(path, text);
      return shippedProtocol(pathToFileURL(path))?.sha256;
    };
    expect(digestOf('# Rules, version 1.0\n')).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf('# Rules, version 1.0\n')).not.toBe(digestOf('# Rules, version 1.0\n\n'));
  });
});
