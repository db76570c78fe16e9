import { type Command, Option } from 'commander';
import { collect, commaList, duration, folderName, positive, wholeNumber } from './option-values.ts';

export const outFolder = (): Option =>
  new Option('--out <folder>', 'where runs are kept').default('results').env('BENCH_OUT');

export const headerOption = (): Option =>
  new Option('--header <header>', "sent with every request as 'Name: value'; never stored")
    .argParser(collect)
    .default([]);

export const allowRemoteOption = (): Option =>
  new Option('--allow-remote', 'target and neighbour may be other machines').default(false);

/** Where a run goes that a command makes, and its page. */
export function keptRunOptions(command: Command): Command {
  return command
    .addOption(outFolder())
    .option('--run-id <id>', 'another id than the generated one', folderName)
    .option('--reports <folder>', 'where pages are written', 'reports')
    .option('--no-report', 'no page');
}

/** What is sent, and in which form. */
export function sentOptions(command: Command): Command {
  return command
    .option('--corpus <name>', 'another corpus than the profile names')
    .option('--adapter <id>', 'another wire format than the profile names');
}

export function profileOptions(command: Command): Command {
  return sentOptions(command)
    .option('--seed <n>', 'another seed', wholeNumber)
    .option('--scale <f>', "multiplies every duration, and the reference server's own timers", positive, 1)
    .option('--only <stages>', 'a part of the profile: names with commas', commaList)
    .option('--timeout <duration>', 'timeout of every request', duration)
    .option('--engine <id>', 'auto, native, autocannon, k6, job-board or simulated', 'auto');
}

export function referenceOptions(command: Command): Command {
  return command
    .option('--device <kind>', 'device of the reference server: auto, cuda or virtual', 'auto')
    .option('--vram <size>', 'virtual VRAM of the reference server')
    .option('--knob <name=value>', 'moves a number of the reference server; may be repeated', collect, []);
}
