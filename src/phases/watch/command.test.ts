import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertCommand, exitCodeOfCommand, startCommand } from './command.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-watch-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const node = process.execPath;

describe('a watched command', () => {
  it.each([
    { why: 'went well', script: '', code: 0 },
    { why: 'failed', script: 'process.exit(7)', code: 7 },
    { why: 'was killed', script: 'process.kill(process.pid, "SIGKILL")', code: 137 },
    { why: 'was interrupted', script: 'process.kill(process.pid, "SIGINT"); setInterval(() => {}, 100)', code: 130 },
  ])('ends with $code as in a shell when it $why', async ({ script, code }) => {
    const command = await startCommand([node, '-e', script]);
    expect(exitCodeOfCommand(await command.ended)).toBe(code);
  });

  it('gets its arguments as they are, without a shell', async () => {
    const file = join(scratch, 'arguments');
    const script = `require('node:fs').writeFileSync(${JSON.stringify(file)}, process.argv[1])`;
    const command = await startCommand([node, '-e', script, '$(touch x) * "a" ;']);
    expect(await command.ended).toEqual({ exitCode: 0, signal: null });
    const same = await startCommand([
      node,
      '-e',
      `process.exit(require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8') === process.argv[1] ? 0 : 1)`,
      '$(touch x) * "a" ;',
    ]);
    expect(exitCodeOfCommand(await same.ended)).toBe(0);
  });

  it('is ended by a stop', async () => {
    const command = await startCommand([node, '-e', 'setInterval(() => {}, 100)']);
    command.stop();
    expect(await command.ended).toEqual({ exitCode: null, signal: 'SIGTERM' });
  });

  it('is told in one line when it cannot be started', async () => {
    const noProgram = join(scratch, 'no-program');
    writeFileSync(noProgram, '#!/no/such/interpreter\n');
    chmodSync(noProgram, 0o755);
    await expect(startCommand([noProgram])).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', exitCode: 5 });
  });

  it.each([
    { why: 'a name on PATH', command: () => 'node', path: () => join(node, '..'), isThere: true },
    { why: 'a path', command: () => node, path: () => '', isThere: true },
    { why: 'a name that is nowhere', command: () => 'no-such-command', path: () => join(node, '..'), isThere: false },
    { why: 'a folder', command: () => tmpdir(), path: () => '', isThere: false },
    { why: 'a file that may not be run', command: () => import.meta.filename, path: () => '', isThere: false },
  ])('is looked for before the run: $why', ({ command, path, isThere }) => {
    const look = (): void => assertCommand(command(), path());
    if (isThere) {
      expect(look).not.toThrow();
    } else {
      expect(look).toThrow(/There is no command/);
    }
  });
});
