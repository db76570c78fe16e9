import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KnownSecrets } from './known-secrets.ts';

const argv = [
  'run',
  'smoke',
  '--target=http://me:p%40ss-word-1@127.0.0.1:1/',
  '--header',
  'Authorization: Bearer header-secret-1',
  '--jobs-token=jobs-secret-1',
  '--exec',
  'serve --api-key exec-secret-1 --port 8000',
];

describe('KnownSecrets', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-secrets-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['authorization: Bearer header-secret-1', 'authorization: ***'],
    ['{"key":"header-secret-1"}', '{"key":"***"}'],
    ['token=jobs-secret-1.', 'token=***.'],
    ["args: ['--api-key', 'exec-secret-1', '--port', '8000']", "args: ['--api-key', '***', '--port', '8000']"],
    ['the password p@ss-word-1 is wrong', 'the password *** is wrong'],
    [`Basic ${Buffer.from('me:p@ss-word-1').toString('base64')}`, 'Basic ***'],
    ['an agent quotes agent-secret-1', 'an agent quotes ***'],
    ['port 8000 of 127.0.0.1', 'port 8000 of 127.0.0.1'],
  ])('makes %j into %j', (told, hidden) => {
    expect(new KnownSecrets(argv, ['agent-secret-1', null]).hide(told)).toBe(hidden);
  });

  it('knows each secret of a script that begins with one', () => {
    const script = `sh -c 'API_KEY=shell-secret-1 serve --api-key exec-secret-1'`;
    const secrets = new KnownSecrets(['run', '--exec', script]);
    expect(secrets.hide('env shell-secret-1, args --api-key exec-secret-1')).toBe('env ***, args --api-key ***');
  });

  it('takes none out of a short value, which ordinary words may hold', () => {
    expect(new KnownSecrets(['run', '--header', 'X-Mode: text']).hide('text of a log')).toBe('text of a log');
  });

  it('finds a secret across two chunks of a file and keeps all other bytes', async () => {
    const path = join(folder, 'target.log');
    const around = Buffer.alloc(1024 ** 2 - 7, 0xe9);
    writeFileSync(path, Buffer.concat([around, Buffer.from('header-secret-1'), around]));
    await new KnownSecrets(argv).hideInFiles([folder, join(folder, 'none')]);
    expect(readFileSync(path).equals(Buffer.concat([around, Buffer.from('***'), around]))).toBe(true);
  });

  it('leaves a file without a secret, and what a link leads to, untouched', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'headroom-elsewhere-'));
    writeFileSync(join(elsewhere, 'own'), 'header-secret-1');
    writeFileSync(join(folder, 'plain.log'), 'nothing\r\n');
    symlinkSync(join(elsewhere, 'own'), join(folder, 'link.log'));
    await new KnownSecrets(argv).hideInFiles([folder]);
    expect(readFileSync(join(folder, 'plain.log'), 'utf8')).toBe('nothing\r\n');
    expect(readFileSync(join(elsewhere, 'own'), 'utf8')).toBe('header-secret-1');
    rmSync(elsewhere, { recursive: true });
  });
});
