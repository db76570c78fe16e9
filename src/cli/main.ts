import { CommanderError } from 'commander';
import { BenchError } from '../base/errors.ts';
import { tolerateClosedPipe } from './closed-pipe.ts';
import { createProgram } from './program.ts';

/** argv to exit code; no stack for what a user can mend, a full one for our bugs. */
async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap((child) => child.commands)]) {
    command.exitOverride();
  }
  try {
    await program.parseAsync(argv as string[]);
    return exitCode;
  } catch (error: unknown) {
    if (error instanceof CommanderError) {
      // commander has printed its one line; help and version are no failure.
      return error.exitCode === 0 ? 0 : 2;
    }
    if (error instanceof BenchError) {
      const hint = error.hint === null ? '' : ` ${error.hint}`;
      process.stderr.write(`bench: ${error.message}${hint}\n`);
      return error.exitCode;
    }
    process.stderr.write(`bench: this is a bug in headroom, please report it.\n`);
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 70;
  }
}

/** An exception in a callback of ours reaches no command: it ends the program as the bug it is. */
process.on('uncaughtException', (error) => {
  process.stderr.write(`bench: this is a bug in headroom, please report it.\n${error.stack ?? error.message}\n`);
  process.exit(70);
});
tolerateClosedPipe(process.stdout);
process.exitCode = await main(process.argv);
