import type { Command } from 'commander';
import { collect } from './option-values.ts';
import { outlined } from './outline.ts';
import { outFolder } from './shared-options.ts';

/** Whether an option of a command is followed by a value. */
function takesValue(program: Command, command: string, option: string): boolean {
  const options = program.commands.find((one) => one.name() === command)?.options ?? [];
  const found = options.find((one) => one.long === option || one.short === option);
  return found !== undefined && (found.required || found.optional);
}

/** Commands over runs that are there: check them, bring them up, make their results and pages again. */
export function addResultsCommands(program: Command, onExit: (code: number) => void): void {
  outlined(program, 'analyze')
    .addOption(outFolder())
    .action(async (run: string, options: { out: string }) => {
      const { analyzeCommand } = await import('./commands/analyze.ts');
      onExit(await analyzeCommand(run, options));
    });

  outlined(program, 'report')
    .addOption(outFolder())
    .option('--reports <folder>', 'where pages are written', 'reports')
    .option('--static', 'the page runs no script: its charts are pictures only', false)
    .action(async (run: string, options: { out: string; reports: string; static: boolean }) => {
      const { reportCommand } = await import('./commands/report.ts');
      onExit(await reportCommand(run, options));
    });

  outlined(program, 'recover')
    .addOption(outFolder())
    .action(async (run: string, options: { out: string }) => {
      const { recoverCommand } = await import('./commands/recover.ts');
      onExit(await recoverCommand(run, options));
    });

  outlined(program, 'verify')
    .option('--json', 'as JSON', false)
    .addOption(outFolder())
    .action(async (run: string, options: { out: string; json: boolean }) => {
      const { verifyCommand } = await import('./commands/verify.ts');
      onExit(await verifyCommand(run, options));
    });

  outlined(program, 'migrate')
    .option('--in-place', 'the migrated folder takes the place of the run', false)
    .option('--anonymize', 'replaces host names, user names, addresses and paths in every file', false)
    .addOption(outFolder())
    .action(async (run: string, options: object) => {
      const { migrateCommand } = await import('./commands/migrate.ts');
      onExit(await migrateCommand(run, options as Parameters<typeof migrateCommand>[1]));
    });

  outlined(program, 'rerun')
    .option('--header <header>', "as of bench run; a run keeps no header's value", collect, [])
    .option('--target <url>', 'another target than then')
    .option('--exec <command>', 'another command than then, or one whose secrets were masked')
    .option('--jobs-token <token>', 'as of bench run')
    .option('--force', 'also with a corpus that has changed since', false)
    .option('--dry-run', 'only says what differs, and the command line', false)
    .addOption(outFolder())
    .action(async (run: string, options: object) => {
      const { rerunCommand } = await import('./commands/rerun.ts');
      const argv = await rerunCommand(run, options as Parameters<typeof rerunCommand>[1], (command, option) =>
        takesValue(program, command, option),
      );
      if (argv === null) {
        onExit(0);
        return;
      }
      // The new run's manifest tells its own command line, not that of the rerun.
      process.argv.splice(2, process.argv.length, ...argv);
      await program.parseAsync(process.argv);
    });
}
