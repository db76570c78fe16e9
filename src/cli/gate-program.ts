import { type Command, Option } from 'commander';
import type { GateCommandOptions } from './commands/gate.ts';
import type {
  HistoryAcceptOptions,
  HistoryAddOptions,
  HistoryCalibrateOptions,
  HistoryOptions,
} from './commands/history.ts';
import { collect } from './option-values.ts';
import { outlined } from './outline.ts';

function placeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--out <folder>', 'where runs and their history are kept').default('results').env('BENCH_OUT'),
    )
    .option('--history <file>', 'a history elsewhere (default: OUT/history/SERIES.jsonl)')
    .option('--json', 'as JSON', false);
}

function judgeOptions(command: Command): Command {
  return placeOptions(command)
    .addOption(
      new Option('--confirm <mode>', 'auto: a suspect counts once a second session shows it again; off: at once')
        .choices(['auto', 'off'])
        .default('auto'),
    )
    .option('--confirmation <run>', 'a run of the second session; may be repeated', collect, [])
    .option(
      '--project <name>',
      'what is tested, so that its nights are one history (default: reference, its image, or host:port of the target)',
    )
    .option('--gates <file>', 'other thresholds than profiles/gates.json');
}

/** `bench gate` and `bench history`; each command is imported when it runs. */
export function addGateCommands(program: Command, onExit: (code: number) => void): void {
  const gate = judgeOptions(outlined(program, 'gate'))
    .option('--require-baseline', 'exit 4 where there was nothing to compare with', false)
    .option('--strict', 'warn, flaky and inconclusive exit 1 too', false)
    .addHelpText('after', '\n`bench gate explain RUN…` prints every rule with its inputs.')
    .action(async (runs: readonly string[], options: GateCommandOptions) => {
      const { gateCommand, gateExplainCommand } = await import('./commands/gate.ts');
      const [first, ...rest] = runs;
      const isExplained = first === 'explain' && rest.length > 0;
      onExit(await (isExplained ? gateExplainCommand(rest, options) : gateCommand(runs, options)));
    });
  gate.usage('[explain] [options] <runs...>');

  const history = outlined(program, 'history');
  judgeOptions(history.command('add <runs...>').description('judges a session and puts it into its history')).action(
    async (runs: readonly string[], options: HistoryAddOptions) => {
      const { historyAddCommand } = await import('./commands/history.ts');
      onExit(await historyAddCommand(runs, options));
    },
  );
  placeOptions(history.command('list [series]').description('all series, or the nights of one')).action(
    async (series: string | undefined, options: HistoryOptions) => {
      const { historyListCommand } = await import('./commands/history.ts');
      onExit(await historyListCommand(series, options));
    },
  );
  placeOptions(
    history.command('accept <session>').description('takes a shift for the new normal, from this session on'),
  )
    .requiredOption('--reason <text>', 'why')
    .option('--author <name>', 'who (default: the user of this machine)')
    .option('--expires <date>', 'until when')
    .action(async (session: string, options: HistoryAcceptOptions) => {
      const { historyAcceptCommand } = await import('./commands/history.ts');
      onExit(await historyAcceptCommand(session, options));
    });
  placeOptions(
    history
      .command('calibrate <series>')
      .description('the noise of a series of one version, and thresholds that fit it'),
  )
    .option('--gates <file>', 'other thresholds than profiles/gates.json')
    .action(async (series: string, options: HistoryCalibrateOptions) => {
      const { historyCalibrateCommand } = await import('./commands/history.ts');
      onExit(await historyCalibrateCommand(series, options));
    });
}
