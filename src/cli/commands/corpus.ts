import { once } from 'node:events';
import { BenchError } from '../../base/errors.ts';
import { generators } from '../../generators/index.ts';
import { openCorpus } from '../../phases/open-corpus.ts';
import { readYaml } from '../library.ts';
import { openTerminal } from '../terminal.ts';

export function corpusDigestCommand(name: string): Promise<number> {
  const { text, fileName } = readYaml('corpora', name);
  const corpus = openCorpus(text, fileName, generators);
  openTerminal().out(`${corpus.digest}  ${corpus.name}`);
  return Promise.resolve(0);
}

/** Streams one item's bytes to stdout, never whole in memory. */
export async function corpusCatCommand(name: string, index: number): Promise<number> {
  const { text, fileName } = readYaml('corpora', name);
  const corpus = openCorpus(text, fileName, generators);
  const item = corpus.items[index];
  if (item === undefined) {
    throw new BenchError('USAGE', `The corpus ${name} has no item ${index}.`, {
      hint: `Items are 0 to ${corpus.items.length - 1}.`,
    });
  }
  for (const chunk of item.chunks()) {
    // The generator may use its buffer again, so what is queued is a copy.
    if (!process.stdout.write(Buffer.from(chunk))) {
      await once(process.stdout, 'drain');
    }
  }
  return 0;
}
