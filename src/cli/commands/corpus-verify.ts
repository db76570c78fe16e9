import { resolve } from 'node:path';
import { BenchError } from '../../base/errors.ts';
import { formatDuration } from '../../base/units.ts';
import { refuseOtherContent, type VerifySummary, verifyCorpus } from '../../phases/corpus/verify-corpus.ts';
import { type CorpusFault, faultLine, type WorkOnItems } from '../../phases/corpus/work.ts';
import { formatSize, formatSpeed } from '../sizes.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { allCores, type OpenedCorpus, openByName, parseItems } from './corpus-open.ts';
import { counted, ItemProgress } from './corpus-progress.ts';

export interface CorpusVerifyOptions {
  items?: string;
}

function printContent(terminal: Terminal, opened: OpenedCorpus, summary: VerifySummary): void {
  const { corpus, recipe, fileName } = opened;
  if (!summary.isWhole) {
    terminal.out(`a part        ${summary.items} of ${corpus.items.length} items; the rest was not made`);
    terminal.out(`digest of it  ${summary.contentDigest}`);
    return;
  }
  if (recipe.contentDigest === null) {
    terminal.out(`not pinned    nothing to compare with; to pin these bytes, add to ${fileName}:`);
    terminal.out(`contentDigest: ${summary.contentDigest}`);
    return;
  }
  terminal.out(`as pinned     contentDigest ${summary.contentDigest}`);
}

function remedyFor(faults: readonly CorpusFault[], folderName: string | null, corpus: string): string {
  if (folderName === null) {
    return 'Put the listed files back, or run `bench corpus import` again.';
  }
  const command = `bench corpus build ${corpus} --out ${folderName}`;
  // A build makes again what is missing or too short; a file of the right length is left alone.
  const isInTheWay = faults.some(({ kind }) => kind === 'changed' || kind === 'unreadable');
  if (isInTheWay) {
    return `Remove what is named as changed, then: ${command}`;
  }
  const isPart = faults.length === 1 && faults[0]?.kind === 'half-built';
  return isPart ? `Check a part with --items 0-9, or go on with: ${command}` : `Go on with: ${command}`;
}

/** Makes every byte again and compares: with the recipe's content digest, and with a built folder if one is named. */
export async function corpusVerifyCommand(
  name: string,
  folderName: string | null,
  options: CorpusVerifyOptions,
  workWith: (opened: OpenedCorpus) => WorkOnItems = allCores,
): Promise<number> {
  const terminal = openTerminal();
  const opened = openByName(name);
  const { corpus, recipe, fileName } = opened;
  const progress = new ItemProgress(terminal, folderName === null ? 'hashed' : 'compared');
  const folder = folderName === null ? null : resolve(folderName);
  const summary = await verifyCorpus({
    corpus,
    folder,
    indexes: options.items === undefined ? null : parseItems(options.items, corpus.items.length),
    work: workWith(opened),
    onProgress: (step) => progress.show(step),
  }).finally(() => progress.end());
  for (const fault of summary.faults) {
    terminal.out(faultLine(fault));
  }
  const { elapsedMs } = progress;
  const { bytes, items, faults } = summary;
  terminal.out(
    `made again    ${counted(items)}, ${formatSize(bytes)} in ${formatDuration(elapsedMs)}, ${formatSpeed(bytes, elapsedMs)}`,
  );
  if (summary.isWhole) {
    refuseOtherContent(recipe.contentDigest, summary.contentDigest, recipe.places.contentDigest);
  }
  if (faults.length > 0) {
    const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
    throw new BenchError('CORPUS_DIGEST_MISMATCH', `${folderName ?? fileName} is not ${corpus.name}: ${count}.`, {
      hint: remedyFor(faults, folderName, corpus.name),
    });
  }
  printContent(terminal, opened, summary);
  if (folderName !== null) {
    terminal.out(`same bytes    ${counted(items)} in ${folderName}`);
  }
  return 0;
}
