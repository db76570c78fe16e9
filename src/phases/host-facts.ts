import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Value of a `name : value` line of a file of the kernel or a driver; null where it cannot be read. */
function fieldOf(path: string, name: string): string | null {
  try {
    const line = readFileSync(path, 'utf8')
      .split('\n')
      .find((one) => one.split(':')[0]?.trim() === name);
    return line === undefined ? null : line.slice(line.indexOf(':') + 1).trim();
  } catch {
    return null;
  }
}

/** Models of the GPUs that the driver knows, each once with their number; `none` without that driver. */
export function gpuModels(folder = '/proc/driver/nvidia/gpus'): string {
  try {
    const models = readdirSync(folder).map((gpu) => fieldOf(join(folder, gpu, 'information'), 'Model') ?? 'unknown');
    const counts = [...new Set(models)]
      .sort()
      .map((name) => `${models.filter((one) => one === name).length} x ${name}`);
    return counts.length === 0 ? 'none' : counts.join(', ');
  } catch {
    return 'none';
  }
}

/** What is set for the allocator of whatever this process starts; a server that ran before has its own. */
export function allocatorSettings(environment: NodeJS.ProcessEnv): string {
  const names = Object.keys(environment).filter((name) => name.startsWith('MALLOC_') || name === 'LD_PRELOAD');
  return names.length === 0
    ? 'none'
    : names
        .sort()
        .map((name) => `${name}=${environment[name] ?? ''}`)
        .join(' ');
}

function glibcVersion(): string | null {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ?? null;
}

/** What should agree between nights: it may move numbers, and a night that differs in it is told apart, not refused. */
function shouldAgree(kernel: string, virtualisation: string | null): Comparability['warn'] {
  const cpufreq = '/sys/devices/system/cpu';
  return {
    'kernel minor version': /^\d+\.\d+/.exec(kernel)?.[0] ?? null,
    'GPU driver': fieldOf('/proc/driver/nvidia/version', 'NVRM version'),
    microcode: fieldOf('/proc/cpuinfo', 'microcode'),
    'transparent huge pages': firstLine('/sys/kernel/mm/transparent_hugepage/enabled'),
    'frequency governor': firstLine(`${cpufreq}/cpu0/cpufreq/scaling_governor`),
    'turbo switched off': firstLine(`${cpufreq}/intel_pstate/no_turbo`),
    virtualisation,
    glibc: glibcVersion(),
    'allocator settings': allocatorSettings(process.env),
    node: process.version,
  };
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
        GPUs: gpuModels(),
      },
      warn: shouldAgree(os.kernel, facts['virtualisation'] ?? null),
    },
  };
}
