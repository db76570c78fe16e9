import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ci = fileURLToPath(new URL('../../.ci', import.meta.url));
let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-comment-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

describe('.ci/comment', () => {
  const marked = '<!-- headroom:smoke -->\n### smoke: fail\n@someone look\n';

  async function comment(text: string, state: string, known = '') {
    writeFileSync(join(scratch, 'comment.md'), text);
    const bin = join(scratch, 'bin');
    mkdirSync(bin, { recursive: true });
    const fake = `#!/bin/sh\necho "$@" >> "${scratch}/gh.txt"\nfor a; do case $a in body=@*) cat "\${a#body=@}" > "${scratch}/body.md";; esac; done\ncase $* in *--paginate*) echo "${known}";; esac\n`;
    writeFileSync(join(bin, 'gh'), fake);
    chmodSync(join(bin, 'gh'), 0o755);
    const { exitCode } = await execa(join(ci, 'comment'), ['7', join(scratch, 'comment.md'), state], {
      reject: false,
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    });
    const path = join(scratch, 'gh.txt');
    return { exitCode, asked: existsSync(path) ? readFileSync(path, 'utf8') : '' };
  }

  it.each([
    { state: 'fail', known: '', method: /POST .*issues\/7\/comments/, why: 'the first one is made' },
    { state: 'fail', known: '42', method: /PATCH .*comments\/42/, why: 'the known one is written anew' },
    { state: 'pass', known: '42', method: /PATCH .*comments\/42/, why: 'it is told that all is well again' },
    { state: 'pass', known: '', method: null, why: 'who passes is not bothered' },
  ])('$state with comment "$known": $why', async ({ state, known, method }) => {
    const { exitCode, asked } = await comment(marked, state, known);
    expect(exitCode).toBe(0);
    expect(/POST|PATCH/.test(asked)).toBe(method !== null);
    expect(asked).toMatch(method ?? /paginate/);
  });

  it("names nobody and is cut to what GitHub takes, since a fork's code may have written it", async () => {
    await comment(`${marked}${'y@z '.repeat(30_000)}`, 'fail');
    const body = readFileSync(join(scratch, 'body.md'), 'utf8');
    expect(body).not.toMatch(/@\w/);
    expect(body.length).toBeLessThan(65_536);
  });

  it('refuses a file without its mark, before it asks anybody', async () => {
    expect(await comment('buy now\n', 'fail')).toEqual({ exitCode: 2, asked: '' });
  });
});
