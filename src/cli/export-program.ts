import { type Command, Option } from 'commander';
import type { ExportCommandOptions } from './commands/export.ts';
import { outlined } from './outline.ts';

/** `bench export`; imported when it runs. */
export function addExportCommand(program: Command, onExit: (code: number) => void): void {
  outlined(program, 'export')
    .requiredOption('--format <id>', 'junit, markdown, otava, bmf, gha, openmetrics or uttera')
    .option('--out <folder>', 'where the files are written (default: one file goes to stdout)')
    .option('--decision <file>', 'of the gate (default: RESULTS/history/decisions/SESSION.json, if it is there)')
    .option('--history <file>', 'nights before (default: RESULTS/history/SERIES.jsonl, if it is there)')
    .addOption(
      new Option('--results <folder>', 'where runs and their history are kept').default('results').env('BENCH_OUT'),
    )
    .action(async (runs: readonly string[], options: ExportCommandOptions) => {
      const { exportCommand } = await import('./commands/export.ts');
      onExit(await exportCommand(runs, options));
    });
}
