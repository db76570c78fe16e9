import { expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

it('gives what a program prints and how it ends, with its arguments untouched by any shell', async () => {
  const script = 'process.stdout.write(process.argv[1]); process.exitCode = 3';
  const answer = await runCommand(process.execPath, ['-e', script, '$HOME; *']);
  expect(answer).toMatchObject({ exitCode: 3, stdout: '$HOME; *' });
});

it('answers null for a program that is not installed', async () => {
  expect(await runCommand('headroom-no-such-program', [])).toBeNull();
});
