import { type Command, CommanderError } from 'commander';
import { BenchError } from '../base/errors.ts';
import { tolerateClosedPipe } from './closed-pipe.ts';
import { asksHelp, programFor } from './front.ts';
import { groupOf } from './outline.ts';

function messageLine({ message, hint }: BenchError): string {
  return `bench: ${message}${hint === null ? '' : ` ${hint}`}\n`;
}

/** The settings of this folder and environment; help needs none, so that a broken file cannot hide it. */
async function takeSettings(program: Command, argv: readonly string[]): Promise<void> {
  if (asksHelp(argv) || groupOf(argv[0] ?? '') === null) {
    return;
  }
  const { readSettings } = await import('./read-settings.ts');
  const settings = await readSettings(program, argv);
  // The manifest of a run holds these arguments: all that was asked, wherever it was said.
  process.argv.splice(2, process.argv.length, ...settings.argv);
  if (settings.taken.length > 0 && !settings.argv.includes('--quiet')) {
    process.stderr.write(`settings: ${settings.taken.join(', ')}\n`);
  }
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
      if (error.code === 'commander.missingMandatoryOptionValue') {
        const { missingOptionHint } = await import('./slips.ts');
        process.stderr.write(`${missingOptionHint(program, process.argv.slice(2))}\n`);
      }
      if (error.code === 'commander.unknownOption') {
        const { dryRunHint } = await import('./slips.ts');
        const hint = dryRunHint(program, process.argv.slice(2));
        process.stderr.write(hint === null ? '' : `${hint}\n`);
      }
      return error.exitCode === 0 ? 0 : 2;
    }
    if (error instanceof BenchError) {
      process.stderr.write(messageLine(error));
      return error.exitCode;
    }
    process.stderr.write(`bench: this is a bug in headroom, please report it.\n`);
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 70;
  }
}

/** An exception in a callback of ours reaches no command: it ends the program as what it is, mostly a bug. */
process.on('uncaughtException', (error) => {
  if (error instanceof BenchError) {
    process.stderr.write(messageLine(error));
    process.exit(error.exitCode);
  }
  process.stderr.write(`bench: this is a bug in headroom, please report it.\n${error.stack ?? error.message}\n`);
  process.exit(70);
});
tolerateClosedPipe(process.stdout);
process.exitCode = await main();
