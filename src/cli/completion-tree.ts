import type { Command, Option } from 'commander';

/** Names that stand in a list of the code; those of files may change between two builds. */
export interface ListedNames {
  engines: readonly string[];
  adapters: readonly string[];
  faults: readonly string[];
}

/** Names that an argument or the value of an option can be; what is not listed is completed as a file. */
export interface CompletionNames extends ListedNames {
  profiles: readonly string[];
  corpora: readonly string[];
  lists: readonly string[];
}

export interface CompletionOption {
  /** With dashes, the long name last. */
  names: readonly string[];
  description: string;
  takesValue: boolean;
  values: readonly string[];
}

/** One command, or the program itself, whose path is empty. */
export interface CompletionNode {
  path: readonly string[];
  commands: readonly { name: string; description: string }[];
  options: readonly CompletionOption[];
  /** What the first argument can be. */
  argumentValues: readonly string[];
}

function valuesOf(option: Option, names: CompletionNames): readonly string[] {
  switch (option.long ?? '') {
    case '--engine':
      return ['auto', ...names.engines];
    case '--adapter':
      return names.adapters;
    case '--corpus':
    case '--to':
      return names.corpora;
    case '--fault':
      return names.faults;
    case '--device':
      return ['auto', 'cuda', 'virtual'];
    case '--target':
      return ['reference', ...names.faults.map((fault) => `reference:${fault}`), 'http://127.0.0.1:'];
    default:
      return option.argChoices ?? [];
  }
}

function argumentValuesOf(command: Command, names: CompletionNames): readonly string[] {
  const [argument] = command.registeredArguments;
  switch (argument?.name() ?? '') {
    case 'profile':
      return names.profiles;
    case 'kind':
      return names.lists;
    case 'name':
      return names.corpora;
    default:
      return argument?.argChoices ?? [];
  }
}

/** The tree of commands, flat, the program first. */
export function completionNodes(program: Command, names: CompletionNames): readonly CompletionNode[] {
  const nodeOf = (command: Command, path: readonly string[]): CompletionNode => ({
    path,
    commands: command.commands.map((child) => ({ name: child.name(), description: child.description() })),
    options: [
      ...command.options.map((option) => ({
        names: [option.short, option.long].filter((name) => name !== undefined),
        description: option.description,
        takesValue: option.required || option.optional,
        values: valuesOf(option, names),
      })),
      { names: ['-h', '--help'], description: 'display help for command', takesValue: false, values: [] },
    ],
    argumentValues: argumentValuesOf(command, names),
  });
  const below = (command: Command, path: readonly string[]): readonly CompletionNode[] => [
    nodeOf(command, path),
    ...command.commands.flatMap((child) => below(child, [...path, child.name()])),
  ];
  return below(program, []);
}
