import { detectors } from '../../detectors/index.ts';
import { maskArguments } from '../../phases/launch/mask-arguments.ts';
import { merge } from '../../phases/scale-out/merge.ts';
import { exitCodeOf } from '../exit-code.ts';
import { readYaml } from '../library.ts';
import { plugIns } from '../lists.ts';
import { printSummary } from '../summary.ts';
import { openTerminal } from '../terminal.ts';
import { writePage } from './report.ts';

export interface MergeCommandOptions {
  out: string;
  runId?: string;
  reports: string;
  report: boolean;
  json: boolean;
  strict: boolean;
}

export async function mergeCommand(folders: readonly string[], options: MergeCommandOptions): Promise<number> {
  const terminal = openTerminal();
  const { folder, result, missing } = await merge({
    folders,
    outFolder: options.out,
    runId: options.runId ?? null,
    argv: maskArguments(process.argv.slice(2)),
    plugIns,
    readRecipe: (name) => readYaml('corpora', name),
    detectors,
  });
  const reportPath = options.report ? await writePage(result, { ...options, static: false }) : null;
  if (options.json) {
    terminal.out(JSON.stringify(result));
  } else {
    printSummary(result, reportPath, terminal);
  }
  if (missing > 0) {
    terminal.err(`${missing} requests of the plan are in no part: recorded as in_flight_at_end`);
  }
  terminal.err(`results ${folder.path}`);
  return exitCodeOf(result, { strict: options.strict, signal: null });
}
