import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { monotonicClock } from '../../base/clock.ts';
import { addressText } from '../../phases/sampler/messages.ts';
import { type SamplerProcess, startSamplerProcess } from '../../phases/sampler/process.ts';
import type { SampleBatch } from '../../phases/sampler/sampler.ts';
import type { FaultRound } from './fault-round.ts';

const treeScript = fileURLToPath(new URL('./tree-main.js', import.meta.url));
const samplerScript = fileURLToPath(new URL('../../cli/sampler-main.js', import.meta.url));

export interface BenchTree {
  url: URL;
  pid: number;
  /** Needs a tree that was started `withFaults`. */
  faultRound(durationMs: number): Promise<FaultRound>;
  stop(): Promise<void>;
}

/** A real tree on loopback: a front that answers everything, and its workers. */
export async function startTree(processes: number, withFaults: 'with faults' | 'calm'): Promise<BenchTree> {
  const child = execaNode(treeScript, ['front', String(processes), String(withFaults === 'with faults')], {
    reject: false,
    ipc: false,
    stderr: 'inherit',
    nodeOptions: [],
  });
  const lines = createInterface({ input: child.stdout });
  const nextLine = async (): Promise<unknown> => {
    const [line] = (await once(lines, 'line')) as [string];
    return JSON.parse(line);
  };
  const { port } = (await nextLine()) as { port: number };
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    pid: child.pid ?? 0,
    async faultRound(durationMs) {
      child.stdin.write(`${durationMs}\n`);
      return (await nextLine()) as FaultRound;
    },
    async stop() {
      child.stdin.end();
      await child;
    },
  };
}

export interface Sampling {
  sampler: SamplerProcess;
  batches: SampleBatch[];
  /** Own processor time between the samples at the two times, as a share of one core in percent. */
  costPercent(fromMs: number): number | null;
}

/** The sampler as a run starts it, with all its probes but those left out. */
export async function startSampling(
  url: URL,
  intervalMs: number,
  skipProbes: readonly string[] = [],
): Promise<Sampling> {
  const batches: SampleBatch[] = [];
  const sampler = await startSamplerProcess(
    samplerScript,
    {
      epochNs: monotonicClock().epochNs,
      observe: { by: 'listening-socket' },
      address: addressText({
        url,
        healthPath: '/health',
        readyPath: null,
        metricsUrl: new URL('/metrics', url),
        deviceMonitor: null,
      }),
      intervalMs,
      skipProbes,
    },
    {
      onBatch: (batch) => batches.push(batch),
      onEvent: () => undefined,
      onLost: (reason) => process.stderr.write(`${reason}\n`),
    },
  );
  return {
    sampler,
    batches,
    costPercent(fromMs) {
      const points = batches
        .filter((batch) => batch.tMs >= fromMs)
        .flatMap((batch) =>
          batch.samples
            .filter((sample) => sample.instance === 'sampler' && sample.metric === 'cpu_seconds')
            .map((sample) => ({ tMs: batch.tMs, cpuSeconds: sample.value ?? Number.NaN })),
        );
      const [first, last] = [points[0], points.at(-1)];
      return first === undefined || last === undefined || last.tMs <= first.tMs
        ? null
        : ((last.cpuSeconds - first.cpuSeconds) / (last.tMs - first.tMs)) * 100_000;
    },
  };
}
