import type { OpenProbe, Probe, Sample } from '../model/probe.ts';
import type { HostView, ObservedTarget, ProcessIdentity } from '../model/target.ts';
import { amdSource } from './vram/amd.ts';
import { type Attribution, attribute, isInChildNamespace } from './vram/attribute.ts';
import { brokerSource } from './vram/broker.ts';
import type { GpuReading, GpuSource, OpenGpuSource } from './vram/gpu-source.ts';
import { intelSource } from './vram/intel.ts';
import { nvidiaSmi, realNvidiaSmi } from './vram/nvidia-smi.ts';
import { nvmlSource } from './vram/nvml.ts';

function deviceSamples({ instance, ...reading }: GpuReading): Sample[] {
  const values = {
    used_bytes: reading.usedBytes,
    total_bytes: reading.totalBytes,
    free_bytes: reading.freeBytes,
    reserved_bytes: reading.reservedBytes,
    utilization_percent: reading.utilizationPercent,
  };
  return Object.entries(values).map(([metric, value]) => ({ scope: 'gpu', instance, metric, value }));
}

function holderSamples(instance: string, held: Attribution | null): Sample[] {
  const values = {
    tree_bytes: held?.treeBytes ?? null,
    others_bytes: held?.othersBytes ?? null,
    unattributed_bytes: held?.unattributedBytes ?? null,
  };
  return Object.entries(values).map(([metric, value]) => ({ scope: 'gpu', instance, metric, value }));
}

const keyOf = ({ pid, startTicks }: ProcessIdentity): string => `${pid}/${startTicks}`;

/** The sum over devices; null if one of them has no list, or a list without this figure. */
function sumOver(held: readonly (Attribution | null)[], part: (one: Attribution) => number | null): number | null {
  return held.reduce<number | null>((sum, one) => {
    const bytes = one === null ? null : part(one);
    return sum === null || bytes === null ? null : sum + bytes;
  }, 0);
}

/** Books what the devices hold on the processes of the target; one that has ever held something goes on in the list. */
class Holders {
  readonly #target: ObservedTarget;
  readonly #host: HostView;
  readonly #hasStrangePids: boolean;
  #seen = new Set<string>();

  constructor(target: ObservedTarget, host: HostView, hasStrangePids: boolean) {
    this.#target = target;
    this.#host = host;
    this.#hasStrangePids = hasStrangePids;
  }

  read(readings: readonly GpuReading[]): { samples: Sample[]; problems: string[] } {
    const told = readings.filter(({ processes }) => processes !== 'unchanged');
    if (told.length === 0) {
      return { samples: [], problems: [] };
    }
    const tree = this.#target.processes();
    const held = told.map(({ usedBytes, processes }) =>
      Array.isArray(processes) ? attribute({ usedBytes, processes }, tree, this.#host, this.#hasStrangePids) : null,
    );
    const samples = told.flatMap(({ instance }, index) => holderSamples(instance, held[index] ?? null));
    return {
      samples: [...samples, ...this.#processSamples(tree, held)],
      problems: held.flatMap((one) => one?.why ?? []),
    };
  }

  #processSamples(tree: readonly ProcessIdentity[], held: readonly (Attribution | null)[]): Sample[] {
    const holding = tree.filter(
      (process) => this.#seen.has(keyOf(process)) || held.some((one) => one?.byPid.has(process.pid) === true),
    );
    this.#seen = new Set(holding.map(keyOf));
    return [
      ...holding.map((process): Sample => {
        // Of one that is not listed on a device, nothing is there.
        const value = sumOver(held, ({ byPid }) => byPid.get(process.pid) ?? (byPid.has(process.pid) ? null : 0));
        return { scope: 'process', instance: `${process.role}#${process.pid}`, metric: 'vram_bytes', value };
      }),
      { scope: 'tree', instance: 'tree', metric: 'vram_bytes', value: sumOver(held, ({ treeBytes }) => treeBytes) },
    ];
  }
}

function openOn(source: OpenGpuSource, holders: Holders): OpenProbe {
  const told = new Set<string>();
  return {
    async read(tick) {
      const { readings, problems } = await source.read(tick.tMs);
      const held = holders.read(readings);
      const news = [...problems, ...held.problems].filter((problem) => !told.has(problem));
      for (const problem of news) {
        told.add(problem);
      }
      return {
        samples: [...readings.flatMap(deviceSamples), ...held.samples],
        events: [...new Set(news)].map((detail) => ({ kind: 'probe_unavailable', subject: 'vram', detail })),
      };
    },
    close: () => source.close(),
  };
}

/** The first of these that can be read is taken. */
const realSources: readonly GpuSource[] = [nvmlSource, nvidiaSmi(realNvidiaSmi), amdSource, intelSource];

export async function openVram(
  target: ObservedTarget,
  sources: readonly GpuSource[] = realSources,
): Promise<OpenProbe | { unavailable: string }> {
  const { host } = target;
  if (host === null) {
    return { unavailable: target.description };
  }
  // A target with a virtual device holds nothing of a real one.
  const asked = target.deviceMonitor === null ? sources : [brokerSource];
  const reasons: string[] = [];
  for (const source of asked) {
    const opened = await source.open(target, host);
    if (typeof opened !== 'string') {
      const hasStrangePids = source.tellsHostPids && isInChildNamespace(host);
      return openOn(opened, new Holders(target, host, hasStrangePids));
    }
    reasons.push(`${source.name}: ${opened}`);
  }
  return { unavailable: reasons.join('; ') };
}

export const vram: Probe = {
  id: 'vram',
  title: 'Memory of devices and who holds it',
  metrics: [
    { metric: 'used_bytes', unit: 'bytes', description: 'device memory in use, without what the driver reserves' },
    { metric: 'total_bytes', unit: 'bytes', description: 'device memory in all' },
    { metric: 'free_bytes', unit: 'bytes', description: 'device memory that can still be had' },
    { metric: 'reserved_bytes', unit: 'bytes', description: 'what the driver keeps for itself' },
    { metric: 'utilization_percent', unit: 'percent', description: 'share of the last moment with a kernel running' },
    { metric: 'tree_bytes', unit: 'bytes', description: "device memory of the target's processes" },
    { metric: 'others_bytes', unit: 'bytes', description: 'device memory of other processes that are seen' },
    { metric: 'unattributed_bytes', unit: 'bytes', description: 'in use, but booked on no process that is seen' },
    { metric: 'vram_bytes', unit: 'bytes', description: 'memory of one process, or of the tree, on all devices' },
  ],
  open: (target) => openVram(target),
};
