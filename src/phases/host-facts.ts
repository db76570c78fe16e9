import { readFileSync } from 'node:fs';
import si from 'systeminformation';
import { formatBytes } from '../base/units.ts';
import type { Comparability } from '../model/gate.ts';

function firstLine(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').split('\n')[0] ?? null;
  } catch {
    return null;
  }
}

/**
 * Static facts of this host for the manifest; never called while sampling, since
 * systeminformation forks. The class is what must match for two runs to be compared:
 * architecture, processor, usable cores and memory, no names.
 */
export async function readHostFacts(): Promise<{
  facts: Record<string, string>;
  hostClass: string;
  comparability: Comparability;
}> {
  const [cpu, os, memory, system] = await Promise.all([si.cpu(), si.osInfo(), si.mem(), si.system()]);
  const model = `${cpu.manufacturer} ${cpu.brand}`.trim().replaceAll(/\s+/g, ' ');
  const facts: Record<string, string> = {
    processor: `${model}, ${cpu.cores} logical cores`,
    memory: formatBytes(memory.total),
    swap: memory.swaptotal === 0 ? 'none' : formatBytes(memory.swaptotal),
    system: `${os.distro} ${os.release}, ${os.arch}`,
    kernel: os.kernel,
    virtualisation: system.virtual ? system.virtualHost || 'virtual machine' : 'none found',
    node: process.version,
    'pressure stall information': firstLine('/proc/pressure/memory') === null ? 'not available' : 'available',
    'transparent huge pages': firstLine('/sys/kernel/mm/transparent_hugepage/enabled') ?? 'not readable',
    overcommit: firstLine('/proc/sys/vm/overcommit_memory') ?? 'not readable',
    'load average at start': firstLine('/proc/loadavg')?.split(' ').slice(0, 3).join(' ') ?? 'not readable',
  };
  const gibibytes = Math.round(memory.total / 1024 ** 3);
  return {
    facts,
    hostClass: `${os.platform}-${os.arch}/${model}/${cpu.cores} cores/${gibibytes} GiB`,
    comparability: {
      must: {
        architecture: os.arch,
        'operating system': os.platform,
        processor: model,
        'logical cores': String(cpu.cores),
        'memory class': `${gibibytes} GiB`,
        swap: facts['swap'] ?? null,
      },
      warn: {
        'kernel minor version': /^\d+\.\d+/.exec(os.kernel)?.[0] ?? null,
        'transparent huge pages': firstLine('/sys/kernel/mm/transparent_hugepage/enabled'),
        'frequency governor': firstLine('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
        virtualisation: facts['virtualisation'] ?? null,
        node: process.version,
      },
    },
  };
}
