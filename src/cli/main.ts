import { type Command, CommanderError } from 'commander';
import { BenchError } from '../base/errors.ts';
import { tolerateClosedPipe } from './closed-pipe.ts';
import { asksHelp, programFor } from './front.ts';
import { groupOf } from './outline.ts';

/** Returns the exit code that it brings. Its words are loaded only now, so that no start pays for them. */
async function tell(error: unknown): Promise<number> {
  const { bugLines, messageLine } = await import('./error-lines.ts');
  process.stderr.write(error instanceof BenchError ? messageLine(error) : bugLines(error));
  return error instanceof BenchError ? error.exitCode : 70;
}

/** The settings of this folder and environment; help needs none, so that a broken file cannot hide it. */
async function takeSettings(program: Command, argv: readonly string[]): Promise<void> {
  if (asksHelp(argv) || groupOf(argv[0] ?? '') === null) {
    return;
  }
  const [{ readSettings }, { nameFaultyOptions }] = await Promise.all([
    import('./read-settings.ts'),
    import('./slips.ts'),
  ]);
  const settings = await readSettings(program, argv);
  // A setting is told with its own place.
  nameFaultyOptions(program);
  // The manifest of a run holds these arguments: all that was asked, wherever it was said.
  process.argv.splice(2, process.argv.length, ...settings.argv);
  if (settings.taken.length > 0 && !settings.argv.includes('--quiet')) {
    process.stderr.write(`settings: ${settings.taken.join(', ')}\n`);
  }
}

/** The line after commander's own; a slip in the name of the command costs no import. */
async function hintAfter(program: Command, code: string): Promise<string> {
  const argv = process.argv.slice(2);
  if (groupOf(argv[0] ?? '') === null) {
    return code === 'commander.help' ? '' : 'See bench --help.\n';
  }
  const { slipHint } = await import('./slips.ts');
  const hint = slipHint(program, argv, code);
  return hint === null ? '' : `${hint}\n`;
}

/** argv to exit code; no stack for what a user can mend, a full one for our bugs. */
async function main(): Promise<number> {
  let exitCode = 0;
  const argv = process.argv.slice(2);
  const program = await programFor(argv, (code) => {
    exitCode = code;
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap((child) => child.commands)]) {
    command.exitOverride();
  }
  try {
    await takeSettings(program, argv);
    await program.parseAsync(process.argv);
    return exitCode;
  } catch (error: unknown) {
    if (error instanceof CommanderError) {
      // commander has printed its one line; help and version are no failure.
      if (error.exitCode !== 0) {
        process.stderr.write(await hintAfter(program, error.code));
      }
      return error.exitCode === 0 ? 0 : 2;
    }
    return await tell(error);
  }
}

/** An exception in a callback of ours reaches no command: it ends the program as what it is, mostly a bug. */
process.on('uncaughtException', (error) => {
  void tell(error).then(
    (code) => process.exit(code),
    () => process.exit(70),
  );
});
tolerateClosedPipe(process.stdout);
process.exitCode = await main();
