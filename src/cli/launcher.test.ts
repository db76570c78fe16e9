import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const launcher = fileURLToPath(new URL('../bench.js', import.meta.url));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  copyFileSync(launcher, join(folder, 'src', 'bench.js'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As the Node of this version would run it. */
function runAs(version: string) {
  const source = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const done = spawnSync(process.execPath, ['--import', `data:text/javascript,${source}`, join('src', 'bench.js')], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

function build(): void {
  mkdirSync(join(folder, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(folder, 'dist', 'cli', 'main.js'), `process.stdout.write('started')`);
}

describe('the launcher', () => {
  it.each(['18.20.8', '20.18.3'])('says on Node %s which one it needs, in one line', (version) => {
    build();
    expect(runAs(version)).toEqual({
      status: 5,
      stdout: '',
      stderr: `bench: Node ${version} is too old. Install Node 20.19 or newer.\n`,
    });
  });

  it.each(['20.19.0', '22.13.0', '24.1.0'])('starts on Node %s', (version) => {
    build();
    expect(runAs(version)).toEqual({ status: 0, stdout: 'started', stderr: '' });
  });

  it('says how to build what is not built', () => {
    expect(runAs('20.19.0')).toMatchObject({ status: 70, stderr: expect.stringContaining('npm ci') as string });
  });
});
