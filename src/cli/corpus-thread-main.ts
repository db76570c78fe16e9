import { parentPort, workerData } from 'node:worker_threads';
import { BenchError, messageOf } from '../base/errors.ts';
import { generators } from '../generators/index.ts';
import { openCorpus } from '../phases/corpus/open-corpus.ts';
import type { FromThread, ThreadStart, ToThread } from '../phases/corpus/threads.ts';
import { workOnItem } from '../phases/corpus/work.ts';

const { recipe, task } = workerData as ThreadStart;

function send(message: FromThread): void {
  parentPort?.postMessage(message);
}

/** Says what went wrong and takes no more. */
function fail(error: unknown): void {
  const known = error instanceof BenchError ? error : null;
  const text = known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
  send({ type: 'failed', code: known?.code ?? null, message: text, hint: known?.hint ?? null });
  parentPort?.close();
}

try {
  const { items } = openCorpus(recipe.text, recipe.fileName, generators);
  parentPort?.on('message', (batch: ToThread) => {
    if (batch === null) {
      parentPort?.close();
      return;
    }
    try {
      for (const index of batch) {
        const item = items[index];
        if (item !== undefined) {
          send({ type: 'outcome', outcome: workOnItem(item, index, task) });
        }
      }
      send({ type: 'ready' });
    } catch (error: unknown) {
      fail(error);
    }
  });
  send({ type: 'ready' });
} catch (error: unknown) {
  fail(error);
}
