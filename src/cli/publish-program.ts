import { type Command, Option } from 'commander';
import type { CompareCommandOptions } from './commands/compare.ts';
import type { PublishCommandOptions } from './commands/publish.ts';
import { collect } from './option-values.ts';
import { outlined } from './outline.ts';
import { outFolder } from './shared-options.ts';

/** `bench compare` and `bench publish`; each command is imported when it runs. */
export function addPublishCommands(program: Command, onExit: (code: number) => void): void {
  outlined(program, 'compare')
    .addOption(outFolder())
    .option('--reports <folder>', 'where the page is written', 'reports')
    .option('--force', 'also where fields differ that must agree; the page says so', false)
    .option('--project <name>', 'what is tested, where one folder holds several (default: told by the target)')
    .option('--gates <file>', 'other thresholds than profiles/gates.json')
    .option('--json', 'as JSON', false)
    .action(async (baseline: string, candidates: readonly string[], options: CompareCommandOptions) => {
      const { compareCommand } = await import('./commands/compare.ts');
      onExit(await compareCommand([baseline, ...candidates], options));
    });

  outlined(program, 'publish')
    .option('--out <folder>', 'where the site is written', 'reports')
    .addOption(new Option('--results <folder>', 'where runs are kept').default('results').env('BENCH_OUT'))
    .option('--history <file>', 'a history elsewhere; may be repeated (default: all of RESULTS/history)', collect, [])
    .option('--gates <file>', 'other thresholds than profiles/gates.json')
    .option('--no-raw-links', 'no links to raw data, for a site that goes elsewhere without the results')
    .option('--json', 'as JSON', false)
    .action(async (options: PublishCommandOptions) => {
      const { publishCommand } = await import('./commands/publish.ts');
      onExit(await publishCommand(options));
    });
}
