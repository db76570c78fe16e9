import { keyedNumber } from '../base/procfs.ts';
import type { Probe, Sample } from '../model/probe.ts';

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

/** /proc/meminfo and /proc/vmstat as samples. */
export function parseHostMemory(meminfo: string, vmstat: string): Sample[] {
  const pick = (text: string, names: readonly (readonly [string, string])[]): Sample[] =>
    names.map(([metric, name]) => ({ scope: 'host', instance: 'host', metric, value: keyedNumber(text, name) }));
  return [...pick(meminfo, fromMeminfo), ...pick(vmstat, fromVmstat)];
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
    return Promise.resolve(
      host === null
        ? { unavailable: target.description }
        : {
            read: () =>
              Promise.resolve({
                samples: parseHostMemory(host.read('/proc/meminfo') ?? '', host.read('/proc/vmstat') ?? ''),
                events: [],
              }),
            close: () => Promise.resolve(),
          },
    );
  },
};
