import { execaNode } from 'execa';
import { BenchError } from '../../base/errors.ts';
import type { RunningSampler, SamplerHandlers, SamplerStart, SamplerView, ToSampler } from './messages.ts';
import { createUnpacker, type FromSamplerChild } from './packed-batch.ts';
import type { SamplerSummary } from './sampler.ts';

/** Finding a target takes under 0.2 s, connecting to a remote one 2.5 s at most. */
const readyWithinMs = 10_000;
const stopWithinMs = 5000;
const keptErrorCharacters = 2000;
/**
 * The child runs little code, seldom. V8's threads would compile it for speed for longer than that ever saves, while
 * plain machine code from the first call on beats the interpreter. With its first bounds of the heap it collects
 * garbage every second or two, at the cost of a tenth of a reading; and what makes the heap of an idle process
 * smaller takes place in the first seconds, once, and delays a sample by up to 80 ms on a busy machine. What little
 * outlives a collection is moved sooner by one thread than shared out among several.
 */
const childOptions = [
  '--no-opt',
  '--always-sparkplug',
  '--no-memory-reducer',
  '--single-threaded-gc',
  '--min-semi-space-size=16',
  '--max-semi-space-size=16',
  '--initial-heap-size=80',
];

export interface SamplerProcess extends RunningSampler {
  pid: number;
}

interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

function defer<T>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] | undefined;
  let reject: Deferred<T>['reject'] | undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve: (value) => resolve?.(value), reject: (error) => reject?.(error) };
}

/**
 * `script` is the compiled entry of the child.
 *
 * start -> child finds the target, opens the probes -> ready -> batches and events -> stop -> done
 *
 * A process of its own, since a busy generator delays timers in its process by tens of milliseconds.
 */
export async function startSamplerProcess(
  script: string,
  start: SamplerStart,
  handlers: SamplerHandlers,
): Promise<SamplerProcess> {
  const ready = defer<SamplerView>();
  const done = defer<SamplerSummary | null>();
  // `buffer: false`: execa would otherwise keep every message until the run ends.
  const child = execaNode(script, [], {
    serialization: 'advanced',
    buffer: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    reject: false,
    nodeOptions: childOptions,
  });
  const unpack = createUnpacker();
  let isReady = false;
  let isStopping = false;
  let errorText = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errorText = `${errorText}${chunk.toString('utf8')}`.slice(-keptErrorCharacters);
  });
  const send = (message: ToSampler): void => {
    if (child.connected) {
      child.send(message, () => {
        // A channel that closes meanwhile is reported by the exit.
      });
    }
  };
  child.on('message', (received: unknown) => {
    const message = received as FromSamplerChild;
    switch (message.type) {
      case 'ready':
        isReady = true;
        ready.resolve(message.view);
        break;
      case 'failed':
        ready.reject(
          message.code === null
            ? new Error(message.message)
            : new BenchError(message.code, message.message, message.hint === null ? {} : { hint: message.hint }),
        );
        break;
      case 'packed':
        handlers.onBatch(unpack(message.batch));
        break;
      case 'event':
        handlers.onEvent(message.event);
        break;
      case 'done':
        done.resolve(message.summary);
        break;
    }
  });
  const exited = child.then((result) => {
    const code =
      result.exitCode === undefined ? (result.originalMessage ?? 'no process') : `exit code ${result.exitCode}`;
    const how = result.signal === undefined ? code : `signal ${result.signal}`;
    const lastLine = errorText.trim().split('\n').at(-1) ?? '';
    const reason = `the sampler ended with ${how}${lastLine === '' ? '' : `: ${lastLine}`}`;
    ready.reject(new Error(reason));
    done.resolve(null);
    if (isReady && !isStopping) {
      handlers.onLost(reason);
    }
  });
  send({ type: 'start', start });
  const readyTimer = setTimeout(() => {
    ready.reject(new Error(`the sampler was not ready within ${readyWithinMs} ms`));
  }, readyWithinMs);
  let view: SamplerView;
  try {
    view = await ready.promise;
  } catch (error: unknown) {
    child.kill();
    await exited;
    throw error;
  } finally {
    clearTimeout(readyTimer);
  }
  return {
    ...view,
    pid: child.pid ?? 0,
    setTick: (tick) => {
      send({ type: 'tick', tick });
    },
    setIntervalMs: (intervalMs) => {
      send({ type: 'interval', intervalMs });
    },
    async stop() {
      isStopping = true;
      send({ type: 'stop' });
      const timer = setTimeout(() => {
        child.kill();
      }, stopWithinMs);
      const summary = await done.promise;
      await exited;
      clearTimeout(timer);
      return summary;
    },
  };
}
