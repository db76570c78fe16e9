import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../../base/statistics.ts';
import type { OpenProbe, Sample } from '../../model/probe.ts';
import type { ObservedTarget } from '../../model/target.ts';
import { localHostView } from '../../phases/sampler/local-host-view.ts';
import { type NvidiaSmiOptions, nvidiaSmi, realNvidiaSmi } from '../../probes/vram/nvidia-smi.ts';
import { nvmlSource } from '../../probes/vram/nvml.ts';
import { openVram } from '../../probes/vram.ts';
import { targetOn, tickAt } from '../open-probe.ts';
import { type Fact, type FactBench, inMib, mebibyte, rounded } from './bench.ts';

const readings = 200;
/** One list of processes and a half. */
const listWithinMs = 1.5 * realNvidiaSmi.processesEveryMs;

/** This process as the target: its context is what the probe shall find. */
function ownTarget(): ObservedTarget {
  const self = { pid: process.pid, startTicks: 0, parentPid: process.ppid, role: 'facts', isRoot: true };
  return { ...targetOn(null), host: localHostView(), processes: () => [self] };
}

function mibOf(samples: readonly Sample[], scope: string, metric: string): number | null {
  const values = samples
    .filter((sample) => sample.scope === scope && sample.metric === metric)
    .map(({ value }) => value);
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + inMib(value)), 0);
}

async function cost(probe: OpenProbe): Promise<Fact> {
  const tookUs: number[] = [];
  for (let reading = 0; reading < readings; reading += 1) {
    const startedMs = performance.now();
    await probe.read(tickAt(reading));
    tookUs.push((performance.now() - startedMs) * 1000);
  }
  const at = (ratio: number): number => Math.round(quantile(tookUs, ratio) ?? Number.NaN);
  return { fact: 'nvml-cost', readings, p50Us: at(0.5), p99Us: at(0.99), maxUs: at(1) };
}

/** What the probe of the harness sees of this process, by NVML, before and after it takes memory. */
async function ownProcess(probe: OpenProbe, { driver, sizes }: FactBench): Promise<Fact> {
  const before = await probe.read(tickAt(0));
  const address = driver.alloc(sizes.childMib * mebibyte);
  const held = await probe.read(tickAt(1));
  driver.free(address);
  const freed = await probe.read(tickAt(2));
  const [beforeMib, heldMib, freedMib] = [before, held, freed].map(({ samples }) =>
    mibOf(samples, 'tree', 'vram_bytes'),
  );
  return {
    fact: 'nvml-own-process',
    allocatedMib: sizes.childMib,
    beforeMib: beforeMib ?? null,
    heldMib: heldMib ?? null,
    freedMib: freedMib ?? null,
    othersMib: mibOf(held.samples, 'gpu', 'others_bytes'),
    unattributedMib: mibOf(held.samples, 'gpu', 'unattributed_bytes'),
    utilizationPercent: held.samples.find(({ metric }) => metric === 'utilization_percent')?.value ?? null,
    problems: [before, held, freed].flatMap(({ events }) => events.map(({ detail }) => detail)),
  };
}

/** Do its lines come through a pipe at once, and when is the first one there? */
async function smi(options: NvidiaSmiOptions): Promise<Fact> {
  const target = ownTarget();
  const startedMs = performance.now();
  const opened = await nvidiaSmi(options).open(target, localHostView());
  if (typeof opened === 'string') {
    return { fact: 'nvidia-smi', why: opened };
  }
  const firstLineMs = rounded(performance.now() - startedMs);
  let listed: number | null = null;
  while (listed === null && performance.now() - startedMs < firstLineMs + listWithinMs) {
    await sleep(200);
    const processes = (await opened.read(0)).readings[0]?.processes;
    listed = Array.isArray(processes) ? processes.length : null;
  }
  const { readings: last, problems } = await opened.read(0);
  await opened.close();
  const used = last[0]?.usedBytes ?? null;
  return { fact: 'nvidia-smi', firstLineMs, usedMib: used === null ? null : inMib(used), listed, problems };
}

export async function* probeFacts(bench: FactBench): AsyncGenerator<Fact> {
  const probe = await openVram(ownTarget(), [nvmlSource]);
  if ('unavailable' in probe) {
    throw new Error(probe.unavailable);
  }
  yield await ownProcess(probe, bench);
  yield await cost(probe);
  await probe.close();
  yield await smi(realNvidiaSmi);
}
