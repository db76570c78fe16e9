import type { OpenProbe, Probe, Sample } from '../model/probe.ts';
import type { HostView, ObservedTarget } from '../model/target.ts';
import { findGroup, type Group } from './cgroup/find-group.ts';
import { type HighWater, openHighWater } from './cgroup/high-water.ts';
import { createKillWatch } from './cgroup/kill-watch.ts';
import type { CgroupReading } from './cgroup/readings.ts';

/** Ancestors change slowly and hold other services too; a limit that is set meanwhile is seen this late. */
const ancestorsEveryMs = 5000;

interface OpenGroup {
  group: Group;
  mark: HighWater;
}

/** null stands for a group that has gone. */
function leafSamples(instance: string, reading: CgroupReading | null, peak: ReturnType<HighWater['read']>): Sample[] {
  const values: [string, number | null][] = [
    ['usage_bytes', reading?.usageBytes ?? null],
    ['anon_bytes', reading?.anonBytes ?? null],
    ['shmem_bytes', reading?.shmemBytes ?? null],
    ['swap_bytes', reading?.swapBytes ?? null],
    ['non_reclaimable_bytes', reading?.nonReclaimableBytes ?? null],
    ['limit_bytes', reading?.limit.bytes ?? null],
    ['limit_level', reading?.limit.level ?? null],
    ['limit_failures', reading?.limitFailures ?? null],
    ['oom_kills', reading?.oomKills ?? null],
    ...(peak.isReset ? ([['peak_bytes', peak.sinceLast]] as [string, number | null][]) : []),
    ...(peak.isReset && peak.lifetime === null
      ? []
      : ([['peak_lifetime_bytes', peak.lifetime]] as [string, number | null][])),
  ];
  return values.map(([metric, value]) => ({ scope: 'cgroup', instance, metric, value }));
}

/** The leaf's own threshold, and use and bounds of every group above it. */
function boundSamples({ files, instances }: Group): Sample[] {
  return files.bounds().flatMap(({ usageBytes, ownLimitBytes, highBytes }, level): Sample[] => {
    const instance = instances[level] ?? '';
    const high: Sample[] = files.hasHigh ? [{ scope: 'cgroup', instance, metric: 'high_bytes', value: highBytes }] : [];
    if (level === 0) {
      return high;
    }
    // The root of v2 has none of these files: it is the host, and is sampled as such.
    if (usageBytes === null && ownLimitBytes === null) {
      return [];
    }
    return [
      { scope: 'cgroup', instance, metric: 'usage_bytes', value: usageBytes },
      { scope: 'cgroup', instance, metric: 'own_limit_bytes', value: ownLimitBytes },
      ...high,
    ];
  });
}

function openOn(target: ObservedTarget, host: HostView, first: Group): OpenProbe {
  const watch = createKillWatch(target, host);
  let current: OpenGroup;
  let paths: ObservedTarget['cgroup'] = { v1Memory: null, v2: null };
  let hasGone = false;
  let boundsMs = Number.NEGATIVE_INFINITY;
  const enter = (group: Group): OpenGroup => {
    paths = { ...target.cgroup };
    boundsMs = Number.NEGATIVE_INFINITY;
    hasGone = false;
    watch.startOn(group, { reading: group.files.read(), peakBytes: null });
    return { group, mark: openHighWater(host, group) };
  };
  current = enter(first);

  /** A server that was started anew may be in another group, or in a new one under the same path. */
  const follow = (): void => {
    const { v1Memory, v2 } = target.cgroup;
    if (!hasGone && v1Memory === paths.v1Memory && v2 === paths.v2) {
      return;
    }
    const found = findGroup(target, host);
    if (!('unavailable' in found)) {
      current.mark.close();
      current = enter(found);
    }
  };

  return {
    read(tick) {
      follow();
      const { group, mark } = current;
      const reading = group.files.read();
      const { instance } = group;
      const peak = mark.read();
      if (reading.usageBytes === null) {
        const kills = watch.read(tick.tMs, null);
        const gone = {
          kind: 'probe_unavailable',
          subject: 'cgroup-memory',
          detail: `${instance} has gone; its memory and its counter of kills can no longer be read`,
        };
        const events = hasGone ? [...kills] : [...kills, gone];
        hasGone = true;
        return Promise.resolve({ samples: leafSamples(instance, null, peak), events });
      }
      // A held file that fails while the group can be read belongs to a group of the past under the same path.
      hasGone = peak.isReset && peak.sinceLast === null;
      const peakBytes = peak.isReset ? peak.sinceLast : peak.lifetime;
      const events = watch.read(tick.tMs, { reading, peakBytes });
      const samples = leafSamples(instance, reading, peak);
      if (tick.tMs - boundsMs >= ancestorsEveryMs) {
        boundsMs = tick.tMs;
        samples.push(...boundSamples(group));
      }
      return Promise.resolve({ samples, events: [...events] });
    },
    close() {
      watch.close();
      current.mark.close();
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
    { metric: 'swap_bytes', unit: 'bytes', description: 'what of the group is in swap' },
    { metric: 'non_reclaimable_bytes', unit: 'bytes', description: 'what the kernel cannot drop to make room' },
    { metric: 'limit_bytes', unit: 'bytes', description: 'the tightest limit of the group and all its ancestors' },
    { metric: 'limit_level', unit: 'levels', description: 'which group sets it: 0 the group itself, n levels up' },
    { metric: 'limit_failures', unit: 'failures', description: 'how often usage ran into that limit' },
    { metric: 'oom_kills', unit: 'processes', description: 'processes killed for memory in the group' },
    { metric: 'own_limit_bytes', unit: 'bytes', description: "an ancestor's own limit, every 5 s" },
    { metric: 'high_bytes', unit: 'bytes', description: "a group's own memory.high (v2), every 5 s" },
  ],
  open(target) {
    const { host } = target;
    if (host === null) {
      return Promise.resolve({ unavailable: target.description });
    }
    const group = findGroup(target, host);
    return Promise.resolve('unavailable' in group ? group : openOn(target, host, group));
  },
};
