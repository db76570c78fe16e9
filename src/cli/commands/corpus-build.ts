import { join, relative, resolve } from 'node:path';
import { formatDuration } from '../../base/units.ts';
import { type BuildSummary, buildCorpus } from '../../phases/corpus/build-corpus.ts';
import type { WorkOnItems } from '../../phases/corpus/work.ts';
import { catchSignals } from '../signals.ts';
import { formatSize, formatSpeed } from '../sizes.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { allCores, type OpenedCorpus, openByName, parseItems } from './corpus-open.ts';
import { counted, ItemProgress } from './corpus-progress.ts';

export interface CorpusBuildOptions {
  out?: string;
  items?: string;
}

function printSummary(terminal: Terminal, { corpus }: OpenedCorpus, summary: BuildSummary, elapsedMs: number): void {
  const { built, kept, present, isComplete } = summary;
  const speed = built.bytes === 0 ? '' : ` in ${formatDuration(elapsedMs)}, ${formatSpeed(built.bytes, elapsedMs)}`;
  const before = kept === 0 ? '' : `; ${kept} lay there already`;
  terminal.out(`built   ${counted(built.items)}, ${formatSize(built.bytes)}${speed}${before}`);
  terminal.out(
    isComplete
      ? `whole   all ${present} items of ${corpus.name} are there`
      : `a part  ${present} of ${corpus.items.length} items of ${corpus.name} are there`,
  );
}

/** Writes a corpus as files; what lies there and agrees is left alone. */
export async function corpusBuildCommand(
  name: string,
  options: CorpusBuildOptions,
  workWith: (opened: OpenedCorpus) => WorkOnItems = allCores,
): Promise<number> {
  const terminal = openTerminal();
  const opened = openByName(name);
  const { corpus, recipe, generator } = opened;
  const indexes =
    options.items === undefined ? [...corpus.items.keys()] : parseItems(options.items, corpus.items.length);
  const folder = resolve(options.out ?? join('.cache', 'corpora', corpus.name));
  const shown = relative(process.cwd(), folder);
  const progress = new ItemProgress(terminal, 'built');
  const signals = catchSignals(() => {
    progress.end();
    terminal.err('stopping: what is whole stays; the same command goes on from there');
  });
  try {
    const summary = await buildCorpus({
      corpus,
      header: {
        corpus: corpus.name,
        digest: corpus.digest,
        generator: generator.id,
        version: generator.version,
        seed: recipe.seed,
        count: recipe.count,
        node: process.version,
      },
      folder,
      indexes,
      work: workWith(opened),
      onProgress: (step) => progress.show(step),
      signal: signals.signal,
    });
    progress.end();
    printSummary(terminal, opened, summary, progress.elapsedMs);
    terminal.out(`folder  ${shown === '' || shown.startsWith('..') ? folder : shown}`);
    const signal = signals.caught();
    return signal === null ? 0 : signal === 'SIGINT' ? 130 : 143;
  } finally {
    progress.end();
    signals.release();
  }
}
