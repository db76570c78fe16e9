import type { Command } from 'commander';
import { addExamples } from './examples.ts';

/** The commands of the first hour, and the examples of all: to be added last. */
export function addSetupCommands(program: Command, onExit: (code: number) => void): void {
  program
    .command('init')
    .description('writes bench.yaml, the settings of this folder: asks four questions, or takes flags')
    .option('--target <url>', 'http://HOST:PORT, or reference')
    .option('--kind <kind>', 'what the server does: speech-to-text, chat, images, json, …; a wrong one lists all')
    .option('--memory-limit <size>', 'memory that it may take')
    .option('--exec <command>', 'the command that starts it, where bench shall do so')
    .option('--ci', 'writes a GitHub workflow too, which runs every night')
    .option('--no-ci', 'writes no workflow, and does not ask')
    .option('--yes', 'asks nothing: the usual answers, where no flag says another', false)
    .option('--force', 'overwrites what is there', false)
    .action(async (options: object) => {
      const { initCommand } = await import('./commands/init.ts');
      onExit(await initCommand(options as Parameters<typeof initCommand>[0]));
    });

  program
    .command('completion <shell>')
    .description('prints the script for bash, zsh or fish that completes commands, options and names')
    .action(async (shell: string) => {
      const { completionCommand } = await import('./commands/completion.ts');
      onExit(await completionCommand(shell, program));
    });

  addExamples(program);
}
