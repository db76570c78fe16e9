import { cgroupFolder, parseCgroupPaths, parseMounts } from '../base/procfs.ts';
import type { OpenProbe, Probe, Sample } from '../model/probe.ts';
import type { HeldFile, HostView, ObservedTarget } from '../model/target.ts';
import { type CgroupFiles, foldersUpwards, v1Files, v2Files } from './cgroup/readings.ts';

interface Group {
  instance: string;
  files: CgroupFiles;
  /** Others are charged to it as well, ourselves among them. */
  isOurs: boolean;
}

/** The v1 group if memory is controlled there, else the v2 group; null if neither controls memory. */
function findGroup(target: ObservedTarget, host: HostView): Group | null {
  const mounts = parseMounts(host.read('/proc/self/mountinfo') ?? '');
  const ours = parseCgroupPaths(host.read('/proc/self/cgroup') ?? '');
  const { v1Memory, v2 } = target.cgroup;
  const v1Root = cgroupFolder(mounts, 'v1-memory', '/');
  const v1Folder = v1Memory === null ? null : cgroupFolder(mounts, 'v1-memory', v1Memory);
  if (v1Folder !== null && v1Root !== null && host.read(`${v1Folder}/memory.usage_in_bytes`) !== null) {
    const files = v1Files(host, foldersUpwards(v1Folder, v1Root));
    return { instance: `v1:${v1Memory}`, files, isOurs: v1Memory === ours.v1Memory };
  }
  const v2Root = cgroupFolder(mounts, 'v2', '/');
  const v2Folder = v2 === null ? null : cgroupFolder(mounts, 'v2', v2);
  if (v2Folder !== null && v2Root !== null && host.read(`${v2Folder}/memory.current`) !== null) {
    return { instance: `v2:${v2}`, files: v2Files(host, foldersUpwards(v2Folder, v2Root)), isOurs: v2 === ours.v2 };
  }
  return null;
}

function peakOf(text: string | null): number | null {
  return text !== null && /^\d+\s*$/.test(text) ? Number(text) : null;
}

function openOn(host: HostView, group: Group): OpenProbe {
  const { instance, files } = group;
  // In a group that we share, the mark is left alone: somebody else may rely on its lifetime value.
  const held: HeldFile | null = group.isOurs ? null : host.hold(files.peakFile);
  const lifetimePeak = peakOf(host.read(files.peakFile));
  let canReset = held?.write('0') ?? false;
  let isFirst = true;
  let lastOomKills = files.read().oomKills;
  return {
    read() {
      const reading = files.read();
      const limit = files.limit();
      const values: [string, number | null][] = [
        ['usage_bytes', reading.usageBytes],
        ['anon_bytes', reading.anonBytes],
        ['shmem_bytes', reading.shmemBytes],
        ['non_reclaimable_bytes', reading.nonReclaimableBytes],
        ['limit_bytes', limit.bytes],
        ['limit_level', limit.level],
        ['limit_failures', reading.limitFailures],
        ['oom_kills', reading.oomKills],
      ];
      if (held !== null && canReset) {
        values.push(['peak_bytes', peakOf(held.read())]);
        canReset = held.write('0');
        if (isFirst) {
          values.push(['peak_lifetime_bytes', lifetimePeak]);
        }
      } else {
        values.push(['peak_lifetime_bytes', peakOf(host.read(files.peakFile))]);
      }
      isFirst = false;
      const samples = values.map(([metric, value]): Sample => ({ scope: 'cgroup', instance, metric, value }));
      const risen = reading.oomKills === null || lastOomKills === null ? 0 : reading.oomKills - lastOomKills;
      lastOomKills = reading.oomKills ?? lastOomKills;
      const events =
        risen > 0
          ? [{ kind: 'oom_kill', subject: instance, detail: `${risen} more, ${String(lastOomKills)} in all` }]
          : [];
      return Promise.resolve({ samples, events });
    },
    close() {
      held?.close();
      return Promise.resolve();
    },
  };
}

export const cgroupMemory: Probe = {
  id: 'cgroup-memory',
  title: "Memory of the target's cgroup and its limits",
  metrics: [
    { metric: 'usage_bytes', unit: 'bytes', description: 'all that is charged, page cache included' },
    { metric: 'peak_bytes', unit: 'bytes', description: "the kernel's high-water mark since the last sample" },
    { metric: 'peak_lifetime_bytes', unit: 'bytes', description: 'the high-water mark of its life' },
    { metric: 'anon_bytes', unit: 'bytes', description: 'anonymous memory' },
    { metric: 'shmem_bytes', unit: 'bytes', description: 'shared memory and tmpfs' },
    { metric: 'non_reclaimable_bytes', unit: 'bytes', description: 'what the kernel cannot drop to make room' },
    { metric: 'limit_bytes', unit: 'bytes', description: 'the tightest limit of the group and all its ancestors' },
    { metric: 'limit_level', unit: 'levels', description: 'which group sets it: 0 the group itself, n levels up' },
    { metric: 'limit_failures', unit: 'failures', description: 'how often usage ran into that limit' },
    { metric: 'oom_kills', unit: 'processes', description: 'processes killed for memory in the group' },
  ],
  open(target) {
    const { host } = target;
    if (host === null) {
      return Promise.resolve({ unavailable: target.description });
    }
    const group = findGroup(target, host);
    return Promise.resolve(
      group === null
        ? { unavailable: 'the target is in no cgroup with a memory controller that is visible here' }
        : openOn(host, group),
    );
  },
};
