import { keyedNumber } from '../base/procfs.ts';
import type { OpenProbe, Probe, Sample } from '../model/probe.ts';
import type { HostView } from '../model/target.ts';

const fromMeminfo = [
  ['mem_total_bytes', 'MemTotal'],
  ['mem_available_bytes', 'MemAvailable'],
  ['shmem_bytes', 'Shmem'],
  ['swap_total_bytes', 'SwapTotal'],
  ['swap_free_bytes', 'SwapFree'],
] as const;
const fromVmstat = [
  ['swap_in_pages', 'pswpin'],
  ['swap_out_pages', 'pswpout'],
  ['oom_kills', 'oom_kill'],
] as const;

/** vmstat is ten times as long as meminfo, and its counters lose nothing by waiting; no early tick skips its turn. */
const vmstatEveryMs = 950;

/** /proc/meminfo and /proc/vmstat as samples; null for one that was not due. */
export function parseHostMemory(meminfo: string, vmstat: string | null): Sample[] {
  const pick = (text: string, names: readonly (readonly [string, string])[]): Sample[] =>
    names.map(([metric, name]) => ({ scope: 'host', instance: 'host', metric, value: keyedNumber(text, name) }));
  return [...pick(meminfo, fromMeminfo), ...(vmstat === null ? [] : pick(vmstat, fromVmstat))];
}

function openOn(host: HostView): OpenProbe {
  let vmstatMs = Number.NEGATIVE_INFINITY;
  return {
    read({ tMs }) {
      const isDue = tMs - vmstatMs >= vmstatEveryMs;
      vmstatMs = isDue ? tMs : vmstatMs;
      const vmstat = isDue ? (host.read('/proc/vmstat') ?? '') : null;
      return Promise.resolve({ samples: parseHostMemory(host.read('/proc/meminfo') ?? '', vmstat), events: [] });
    },
    close: () => Promise.resolve(),
  };
}

export const hostMemory: Probe = {
  id: 'host-memory',
  title: 'Memory of the host',
  metrics: [
    { metric: 'mem_total_bytes', unit: 'bytes', description: 'memory of the host (MemTotal)' },
    { metric: 'mem_available_bytes', unit: 'bytes', description: 'memory that new work can have (MemAvailable)' },
    { metric: 'shmem_bytes', unit: 'bytes', description: 'shared memory and tmpfs (Shmem)' },
    { metric: 'swap_total_bytes', unit: 'bytes', description: 'size of swap' },
    { metric: 'swap_free_bytes', unit: 'bytes', description: 'free swap' },
    { metric: 'swap_in_pages', unit: 'pages', description: 'pages read from swap since boot' },
    { metric: 'swap_out_pages', unit: 'pages', description: 'pages written to swap since boot' },
    {
      metric: 'oom_kills',
      unit: 'processes',
      description: 'processes killed for memory since boot, on the whole host',
    },
  ],
  open(target) {
    const { host } = target;
    return Promise.resolve(host === null ? { unavailable: target.description } : openOn(host));
  },
};
