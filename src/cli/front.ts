import type { Command } from 'commander';
import { createOutline, type Group, groupOf } from './outline.ts';

type Add = (program: Command, onExit: (code: number) => void) => void;

/** Each file costs a millisecond or two of every start. */
async function adderOf(group: Group): Promise<Add> {
  switch (group) {
    case 'load':
      return (await import('./load-program.ts')).addLoadCommands;
    case 'host':
      return (await import('./host-program.ts')).addHostCommands;
    case 'results':
      return (await import('./results-program.ts')).addResultsCommands;
    case 'corpus':
      return (await import('./corpus-program.ts')).addCorpusCommands;
    case 'gate':
      return (await import('./gate-program.ts')).addGateCommands;
    case 'publish':
      return (await import('./publish-program.ts')).addPublishCommands;
    case 'export':
      return (await import('./export-program.ts')).addExportCommand;
    case 'setup':
      return (await import('./setup-program.ts')).addSetupCommands;
  }
}

/** Whether the words before `--` ask for help. */
export function asksHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const ours = end === -1 ? argv : argv.slice(0, end);
  return ours.includes('--help') || ours.includes('-h');
}

/**
 * As much of the program as these arguments need: names alone for its first page, its version and a name that is
 * none of its commands; one group for the help of a command; all for whatever is carried out.
 */
export async function programFor(argv: readonly string[], onExit: (code: number) => void): Promise<Command> {
  const [name = ''] = argv;
  const group = groupOf(name);
  if (group === null && name !== 'help') {
    return createOutline();
  }
  if (group === null || !asksHelp(argv)) {
    const { createProgram } = await import('./program.ts');
    return createProgram(onExit);
  }
  const program = createOutline();
  const [add, { addExamples }] = await Promise.all([adderOf(group), import('./examples.ts')]);
  add(program, onExit);
  addExamples(program);
  return program;
}
