import type { Command } from 'commander';
import { nearestName } from '../base/by-id.ts';
import { BenchError } from '../base/errors.ts';
import { examplesOf } from './examples.ts';

/** commander tells of a missing option before it looks at the ones that it does not know: this says what was meant. */
export function missingOptionHint(program: Command, argv: readonly string[]): string {
  const command = program.commands.find((candidate) => candidate.name() === argv[0]);
  const end = argv.indexOf('--');
  const known = command?.options.map((option) => option.long).filter((name) => name !== undefined) ?? [];
  const given = argv.slice(1, end === -1 ? undefined : end).filter((word) => word.startsWith('--'));
  for (const word of given.map((text) => text.split('=', 1)[0] ?? text)) {
    const near = known.includes(word) ? null : nearestName(word, known);
    if (near !== null) {
      return `There is no option ${word}. Did you mean ${near}?`;
    }
  }
  return `See bench ${command?.name() ?? ''} --help; what stands in bench.yaml need not be given (bench init writes it).`;
}

/** The command that the words name, as far as they do, and its path. */
function commandOf(program: Command, argv: readonly string[]): { command: Command; path: readonly string[] } {
  let command = program;
  const path: string[] = [];
  for (const word of argv) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) {
      break;
    }
    command = next;
    path.push(word);
  }
  return { command, path };
}

/** What to do after commander's own line, which says what is wrong; null: it says enough. */
export function slipHint(program: Command, argv: readonly string[], code: string): string | null {
  const { path } = commandOf(program, argv);
  switch (code) {
    case 'commander.missingMandatoryOptionValue':
      return missingOptionHint(program, argv);
    case 'commander.missingArgument': {
      const [example] = examplesOf(path);
      return example === undefined ? seeHelp(path) : `For example: ${example}`;
    }
    case 'commander.unknownOption':
      return dryRunHint(program, argv) ?? seeHelp(path);
    case 'commander.unknownCommand':
    case 'commander.excessArguments':
    case 'commander.optionMissingArgument':
      return seeHelp(path);
    default:
      return null;
  }
}

const seeHelp = (path: readonly string[]): string => `See ${['bench', ...path].join(' ')} --help.`;

/** A value that an option cannot take is told with the name of the option: there may be many in one line. */
export function nameFaultyOptions(command: Command): void {
  for (const option of command.options) {
    const parse = option.parseArg?.bind(option);
    if (parse !== undefined) {
      option.argParser((text: string, before: unknown): unknown => {
        try {
          return parse(text, before);
        } catch (error: unknown) {
          throw error instanceof BenchError && !error.message.startsWith('--') ? named(option.long, error) : error;
        }
      });
    }
  }
  for (const child of command.commands) {
    nameFaultyOptions(child);
  }
}

function named(name: string | undefined, error: BenchError): BenchError {
  return new BenchError(error.code, `${name ?? 'option'} ${error.message}`, {
    ...(error.hint === null ? {} : { hint: error.hint }),
    cause: error,
  });
}

/** `bench plan` compiles and no more: what else a run takes is taken by its dry run. null: it is no option of a run. */
export function dryRunHint(program: Command, argv: readonly string[]): string | null {
  const optionsOf = (name: string): readonly (string | undefined)[] =>
    program.commands.find((candidate) => candidate.name() === name)?.options.map(({ long }) => long) ?? [];
  const [ofPlan, ofRun] = [optionsOf('plan'), optionsOf('run')];
  const given = argv.map((text) => text.split('=', 1)[0] ?? text);
  const ofRunAlone = given.find((word) => ofRun.includes(word) && !ofPlan.includes(word));
  return argv[0] !== 'plan' || ofRunAlone === undefined
    ? null
    : `${ofRunAlone} is an option of bench run: bench run ${argv[1] ?? 'PROFILE'} --target URL ${ofRunAlone} … --dry-run prints the plan with it and sends nothing.`;
}
