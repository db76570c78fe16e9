import { type ChildProcess, fork } from 'node:child_process';
import type { SinkAsk, SinkFigures } from './sink-messages.ts';

/** The sink in a process of its own. */
export interface RunningSink {
  url: string;
  /** What came since the last reading; from now on it answers after `delayMs`. */
  read(delayMs: number): Promise<SinkFigures>;
  end(): void;
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`the sink ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as T);
    });
  });
}

export async function startSink(epochNs: bigint): Promise<RunningSink> {
  const child = fork(new URL('./sink-main.js', import.meta.url), [String(epochNs)]);
  const { port } = await nextMessage<{ port: number }>(child);
  return {
    url: `http://127.0.0.1:${port}/`,
    async read(delayMs) {
      const ask: SinkAsk = { delayMs };
      const answer = nextMessage<{ figures: SinkFigures }>(child);
      child.send(ask);
      return (await answer).figures;
    },
    end: () => child.disconnect(),
  };
}
