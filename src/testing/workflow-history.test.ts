import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ci = fileURLToPath(new URL('../../.ci', import.meta.url));
let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-history-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

describe('.ci/data-branch', () => {
  const git = async (cwd: string, ...args: string[]) =>
    (await execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd })).stdout;
  const data = async (cwd: string, action: string, folder: string) =>
    await execa(join(ci, 'data-branch'), [action, 'headroom-data', folder], { cwd, reject: false });

  async function clones(): Promise<{ origin: string; a: string; b: string }> {
    const [origin, a, b] = ['origin.git', 'a', 'b'].map((name) => join(scratch, name)) as [string, string, string];
    await git(scratch, 'init', '-q', '--bare', origin);
    for (const clone of [a, b]) {
      await git(scratch, 'clone', '-q', origin, clone);
    }
    return { origin, a, b };
  }

  function folder(name: string, lines: readonly string[]): string {
    const path = join(scratch, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 's.jsonl'), lines.map((line) => `${line}\n`).join(''));
    return path;
  }

  it('makes no commit where no line is new, as after an invalid night', async () => {
    const { origin, a } = await clones();
    const lines = folder('ha', ['1', '2']);
    await data(a, 'push', lines);
    expect((await data(a, 'push', lines)).exitCode).toBe(0);
    expect(await git(origin, 'rev-list', '--count', 'headroom-data')).toBe('1');
    expect((await data(a, 'push', folder('hb', ['3']))).exitCode).toBe(0);
    expect(await git(origin, 'rev-list', '--count', 'headroom-data')).toBe('2');
  });

  it('joins the lines of two hosts that push in one night, and loses none', async () => {
    const { origin, a, b } = await clones();
    expect((await data(a, 'push', folder('ha', ['1', '2']))).exitCode).toBe(0);
    expect((await data(b, 'push', folder('hb', ['1', '3']))).exitCode).toBe(0);
    expect(await git(origin, 'show', 'headroom-data:s.jsonl')).toBe('1\n2\n3');
    const fresh = folder('fresh', []);
    await data(a, 'pull', fresh);
    expect(readFileSync(join(fresh, 's.jsonl'), 'utf8')).toBe('1\n2\n3\n');
    expect(await git(origin, 'rev-list', '--count', 'headroom-data')).toBe('2');
  });

  it('begins the branch anew in another month, with all lines in one commit', async () => {
    const { origin, a } = await clones();
    await data(a, 'push', folder('h', ['1']));
    const tree = await git(origin, 'rev-parse', 'headroom-data^{tree}');
    const old = await execa(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit-tree', tree, '-m', 'old'],
      {
        cwd: origin,
        env: { GIT_COMMITTER_DATE: '2020-01-31T00:00:00Z' },
      },
    );
    await git(origin, 'update-ref', 'refs/heads/headroom-data', old.stdout);
    await data(a, 'push', folder('h', ['1', '2']));
    expect(await git(origin, 'rev-list', '--count', 'headroom-data')).toBe('1');
    expect(await git(origin, 'show', 'headroom-data:s.jsonl')).toBe('1\n2');
  });

  it('takes no branch for an empty history, and a remote that is away for an error', async () => {
    const { origin, a } = await clones();
    expect((await data(a, 'pull', join(scratch, 'none'))).exitCode).toBe(0);
    rmSync(origin, { recursive: true });
    const { exitCode, stderr } = await data(a, 'pull', join(scratch, 'none'));
    expect(exitCode).toBe(5);
    expect(stderr).toContain('Nothing was changed.');
  });
});
