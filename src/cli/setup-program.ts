import type { Command } from 'commander';
import { outlined } from './outline.ts';

/** The commands of the first hour; each is imported when it runs. */
export function addSetupCommands(program: Command, onExit: (code: number) => void): void {
  outlined(program, 'init')
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

  outlined(program, 'completion').action(async (shell: string) => {
    const { completionCommand } = await import('./commands/completion.ts');
    onExit(await completionCommand(shell, program));
  });
}
