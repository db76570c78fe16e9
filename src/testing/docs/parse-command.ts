import { type Command, CommanderError } from 'commander';
import { BenchError } from '../../base/errors.ts';
import { createProgram } from '../../cli/program.ts';

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Why the command tree does not take these arguments; null: it does. Nothing is carried out. */
export async function whyNotParsed(words: readonly string[]): Promise<string | null> {
  const program = createProgram(() => undefined);
  for (const command of everyCommand(program)) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0) {
      command.action(() => undefined);
    }
  }
  try {
    await program.parseAsync(['node', 'bench', ...words]);
    return null;
  } catch (error: unknown) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? null : error.message;
    }
    if (error instanceof BenchError) {
      return error.message;
    }
    throw error;
  }
}

/** Whether words name a command and nothing else, and it cannot do without arguments. */
export function isBareName(words: readonly string[]): boolean {
  let command: Command | undefined = createProgram(() => undefined);
  for (const word of words) {
    command = command.commands.find((one) => one.name() === word);
    if (command === undefined) {
      return false;
    }
  }
  return command.commands.length > 0 || command.registeredArguments.some(({ required }) => required);
}

/** Why a mention has a command or an option that is not there; its arguments may be left out or be placeholders. */
export function whyNotMentioned(words: readonly string[]): string | null {
  let command: Command = createProgram(() => undefined);
  let isPath = true;
  for (const word of words) {
    if (word === '--') {
      return null;
    }
    if (word.startsWith('--')) {
      const [name] = word.split('=');
      const isKnown = name === '--help' || command.options.some(({ long }) => long === name);
      if (!isKnown) {
        return `${command.name()} has no option ${name}`;
      }
      isPath = false;
    } else if (isPath && command.commands.length > 0) {
      const next = command.commands.find((one) => one.name() === word);
      if (next === undefined) {
        return `${command.name()} has no command ${word}`;
      }
      command = next;
    } else {
      isPath = false;
    }
  }
  return null;
}

/** Long names of the options of all commands. */
export function everyOption(): Set<string> {
  const commands = everyCommand(createProgram(() => undefined));
  return new Set(commands.flatMap(({ options }) => options.flatMap(({ long }) => long ?? [])));
}
