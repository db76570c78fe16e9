import { Worker } from 'node:worker_threads';
import { BenchError, type ErrorCode } from '../../base/errors.ts';
import type { Corpus } from '../../model/corpus.ts';
import { bytesWithAttachments, type ItemOutcome, type ItemTask, type WorkOnItems } from './work.ts';

/** What a thread is started with: a corpus is a pure function of its recipe, so no bytes are handed over. */
export interface ThreadStart {
  recipe: { text: string; fileName: string };
  task: ItemTask;
}

/** Indexes of items to work on; null: no more are coming. */
export type ToThread = readonly number[] | null;

export type FromThread =
  | { type: 'ready' }
  | { type: 'outcome'; outcome: ItemOutcome }
  | { type: 'failed'; code: ErrorCode | null; message: string; hint: string | null };

/** Chunks leave only short-lived views behind, for which V8 would let each thread grow by tens of megabytes. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };
/** Enough work that messages cost nothing, little enough that all threads end together. */
const batchBytes = 4_194_304;
const batchItems = 256;

/** The items in their order, in batches to hand out. */
function batchesOf(corpus: Corpus, indexes: readonly number[]): number[][] {
  const batches: number[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const index of indexes) {
    const item = corpus.items[index];
    const last = batches.at(-1);
    if (last === undefined || bytes >= batchBytes || last.length >= batchItems) {
      batches.push([index]);
      bytes = 0;
    } else {
      last.push(index);
    }
    bytes += item === undefined ? 0 : bytesWithAttachments(item);
  }
  return batches;
}

function errorOf({ code, message, hint }: Extract<FromThread, { type: 'failed' }>): Error {
  return code === null ? new Error(message) : new BenchError(code, message, hint === null ? {} : { hint });
}

export interface ThreadOptions {
  /** The compiled entry of a thread. */
  script: string;
  recipe: { text: string; fileName: string };
  corpus: Corpus;
  threads: number;
}

/**
 * batches -> one thread per core: recipe opened there, bytes made, hashed, written or compared -> outcomes
 *
 * The first failure stops the handing out; what other threads have begun is finished and reported.
 */
export function workInThreads({ script, recipe, corpus, threads }: ThreadOptions): WorkOnItems {
  return async (task, indexes, onOutcome, signal) => {
    const batches = batchesOf(corpus, indexes);
    let failure: unknown = null;
    let next = 0;
    const takeBatch = (): ToThread => {
      const batch = failure === null && signal?.aborted !== true ? batches[next] : undefined;
      next += 1;
      return batch ?? null;
    };
    const fail = (error: unknown): void => {
      failure ??= error;
    };
    const runThread = (): Promise<void> =>
      new Promise((resolve) => {
        const thread = new Worker(script, { workerData: { recipe, task } satisfies ThreadStart, resourceLimits });
        const leave = (): void => {
          void thread.terminate();
        };
        signal?.addEventListener('abort', leave);
        thread.on('message', (message: FromThread) => {
          try {
            switch (message.type) {
              case 'ready':
                thread.postMessage(takeBatch());
                break;
              case 'outcome':
                onOutcome(message.outcome);
                break;
              case 'failed':
                fail(errorOf(message));
                break;
            }
          } catch (error: unknown) {
            fail(error);
            leave();
          }
        });
        thread.on('error', fail);
        thread.on('exit', () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        });
      });
    await Promise.all(Array.from({ length: Math.min(threads, batches.length) }, runThread));
    if (failure !== null) {
      throw failure as Error;
    }
  };
}
