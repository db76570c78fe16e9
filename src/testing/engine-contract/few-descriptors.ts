import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { engines } from '../../engines/index.ts';
import type { RequestRecord } from '../../model/record.ts';
import { openSink } from '../sink.ts';
import { transpile } from '../transpile.ts';

const mostDescriptors = 64;

/** null = it can be tried here. */
export function whyNoFewDescriptors(engineId: string): string | null {
  if (!engines.some(({ id }) => id === engineId)) {
    return 'the engine is not in the list';
  }
  const probe = spawnSync('sh', ['-c', `ulimit -n ${mostDescriptors}`]);
  return probe.status === 0 ? null : 'no shell that limits descriptors';
}

/** 100 rows to a server that never answers, from a process that may have 64 descriptors. */
export async function runWithFewDescriptors(
  engineId: string,
): Promise<{ records: RequestRecord[]; sink: { connections: number } }> {
  const sink = await openSink(() => ({ do: 'answer', delayMs: 10_000 }));
  const script = transpile('src/testing/engine-contract/few-descriptors-main.ts');
  try {
    const limited = ['-c', `ulimit -n ${mostDescriptors} && exec "$0" "$@"`, process.execPath, script.path];
    const child = spawn('sh', [...limited, engineId, sink.url.href], { stdio: ['ignore', 'pipe', 'inherit'] });
    const output = await text(child.stdout);
    return { records: JSON.parse(output) as RequestRecord[], sink: { connections: sink.connections() } };
  } finally {
    script.remove();
    await sink.close();
  }
}
