import type { Command } from 'commander';
import { addCorpusCommands } from './corpus-program.ts';
import { addExamples } from './examples.ts';
import { addExportCommand } from './export-program.ts';
import { addGateCommands } from './gate-program.ts';
import { addHostCommands } from './host-program.ts';
import { addLoadCommands } from './load-program.ts';
import { createOutline } from './outline.ts';
import { addPublishCommands } from './publish-program.ts';
import { addResultsCommands } from './results-program.ts';
import { addSetupCommands } from './setup-program.ts';

/** The whole command tree. Commands are imported when they run, so that none loads what another one needs. */
export function createProgram(onExit: (code: number) => void): Command {
  const program = createOutline();
  addLoadCommands(program, onExit);
  addHostCommands(program, onExit);
  addResultsCommands(program, onExit);
  addCorpusCommands(program, onExit);
  addGateCommands(program, onExit);
  addPublishCommands(program, onExit);
  addExportCommand(program, onExit);
  addSetupCommands(program, onExit);
  addExamples(program);
  return program;
}
