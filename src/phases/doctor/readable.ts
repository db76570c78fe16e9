import { cgroupFolder, type Mount, parseCgroupPaths, parseKeyedNumbers, parseMounts } from '../../base/procfs.ts';
import type { HostView } from '../../model/target.ts';
import type { DoctorFacts, DoctorRow } from './row.ts';

type Row = Omit<DoctorRow, 'group'>;

/** Whether the kernel is at least of this release; null where it does not say. */
function isKernelFrom(host: HostView, major: number, minor: number): boolean | null {
  const match = /^(\d+)\.(\d+)/.exec(host.read('/proc/sys/kernel/osrelease') ?? '');
  return match === null ? null : Number(match[1]) > major || (Number(match[1]) === major && Number(match[2]) >= minor);
}

function othersRow(mounts: readonly Mount[], mountinfo: string, { isRoot }: DoctorFacts): Row {
  const what = "others' processes";
  if (isRoot) {
    return { what, state: 'yes', found: 'bench is root', remedy: null };
  }
  // The option stands among those of the file system, or of the mount where the kernel keeps it per mount.
  const isHidden = mounts.some((mount) => mount.type === 'proc') && /^.* \/proc .*hidepid=(?!0|off)/m.test(mountinfo);
  return isHidden
    ? {
        what,
        state: 'no',
        found: '/proc is mounted with hidepid',
        remedy: "run as the server's user or as root, or: mount -o remount,hidepid=0 /proc",
      }
    : {
        what,
        state: 'partly',
        found: 'memory can be read; PSS, open files, peaks and the owner of a port cannot',
        remedy: "run as the server's user or as root",
      };
}

function pressureRow(host: HostView): Row {
  return host.read('/proc/pressure/memory') === null
    ? {
        what: 'pressure stalls',
        state: 'no',
        found: '/proc/pressure/memory cannot be read',
        remedy: 'boot with psi=1 on the kernel command line; a container may hide it from its processes',
      }
    : { what: 'pressure stalls', state: 'yes', found: '/proc/pressure', remedy: null };
}

type Version = 'v1-memory' | 'v2';
type MemoryGroups = { version: Version; root: string; own: string; mount: Mount | undefined };

/** Where memory is counted by group: by version 1 where it has the controller, else by version 2. */
function memoryGroups(host: HostView, mounts: readonly Mount[]): MemoryGroups | null {
  const ours = parseCgroupPaths(host.read('/proc/self/cgroup') ?? '');
  const v1 = cgroupFolder(mounts, 'v1-memory', '/');
  const v1Own = cgroupFolder(mounts, 'v1-memory', ours.v1Memory ?? '/');
  if (v1 !== null && v1Own !== null) {
    const mount = mounts.find((entry) => entry.mountPoint === v1);
    return { version: 'v1-memory', root: v1, own: v1Own, mount };
  }
  const v2 = cgroupFolder(mounts, 'v2', '/');
  const v2Own = cgroupFolder(mounts, 'v2', ours.v2 ?? '/');
  const hasMemory = (host.read(`${v2}/cgroup.controllers`) ?? '').split(/\s+/).includes('memory');
  if (v2 === null || v2Own === null || !hasMemory) {
    return null;
  }
  return { version: 'v2', root: v2, own: v2Own, mount: mounts.find((entry) => entry.mountPoint === v2) };
}

function groupRow(groups: MemoryGroups | null, mounts: readonly Mount[]): Row {
  const what = 'cgroup memory';
  if (groups !== null) {
    return { what, state: 'yes', found: `version ${groups.version === 'v2' ? 2 : 1} at ${groups.root}`, remedy: null };
  }
  const isMounted = mounts.some((mount) => mount.type === 'cgroup2');
  return {
    what,
    state: 'no',
    found: isMounted ? 'cgroup v2 is mounted without the memory controller' : 'no cgroup file system is mounted',
    remedy: isMounted
      ? 'echo +memory > cgroup.subtree_control of the parent group (systemd: Delegate=yes), without cgroup_disable=memory'
      : "without it the limit of the host counts, and the target's memory is the sum of its processes",
  };
}

function peakRow(host: HostView, groups: MemoryGroups, { isRoot }: DoctorFacts): Row {
  const what = 'cgroup peaks';
  if (groups.mount?.isWritable === false) {
    return {
      what,
      state: 'partly',
      found: 'the cgroup files are mounted read-only, so a peak cannot be reset',
      remedy: 'run bench on the host, not in the container; till then each process tells its own peak',
    };
  }
  if (groups.version === 'v1-memory' || isKernelFrom(host, 6, 12) === true) {
    return isRoot
      ? { what, state: 'yes', found: 'reset at each sample, so that none between two is missed', remedy: null }
      : {
          what,
          state: 'partly',
          found: 'only who may write to the files of the group can reset its peak',
          remedy: 'run as root; till then each process of your own user tells its peak',
        };
  }
  return {
    what,
    state: 'partly',
    found: isKernelFrom(host, 5, 19) === true ? 'memory.peak of its whole life' : 'no memory.peak in this kernel',
    remedy: 'Linux 6.12 can reset it; till then each process tells its own peak',
  };
}

function swapAccountingRow(host: HostView, groups: MemoryGroups): Row {
  const what = 'swap of a cgroup';
  if (parseKeyedNumbers(host.read('/proc/meminfo') ?? '').get('SwapTotal') === 0) {
    return { what, state: 'absent', found: 'this host has no swap', remedy: null };
  }
  const file = groups.version === 'v2' ? 'memory.swap.current' : 'memory.memsw.usage_in_bytes';
  // The root group of version 2 has no such file, so a group below it has to show one.
  const below = host.list(groups.root).map((name) => `${groups.root}/${name}`);
  return [groups.own, ...below].some((folder) => host.read(`${folder}/${file}`) !== null)
    ? { what, state: 'yes', found: file, remedy: null }
    : { what, state: 'no', found: `no ${file}`, remedy: 'boot with swapaccount=1 on the kernel command line' };
}

function kernelLogRow(host: HostView): Row {
  const log = host.follow('/dev/kmsg');
  log?.close();
  if (log !== null) {
    return { what: 'kernel log', state: 'yes', found: '/dev/kmsg names who was killed for memory', remedy: null };
  }
  const isRestricted = host.read('/proc/sys/kernel/dmesg_restrict')?.trim() === '1';
  return {
    what: 'kernel log',
    state: 'no',
    found: `/dev/kmsg cannot be read${isRestricted ? ' (kernel.dmesg_restrict is 1)' : ''}`,
    remedy: `run as root${isRestricted ? ', or: sysctl kernel.dmesg_restrict=0' : ''}; kills are then seen by counters alone`,
  };
}

/** What the kernel lets this user read; nothing where there is no /proc. */
export function readableRows(host: HostView, facts: DoctorFacts): readonly DoctorRow[] {
  const mountinfo = host.read('/proc/self/mountinfo');
  if (mountinfo === null) {
    return [];
  }
  const mounts = parseMounts(mountinfo);
  const groups = memoryGroups(host, mounts);
  const rows = [
    othersRow(mounts, mountinfo, facts),
    pressureRow(host),
    groupRow(groups, mounts),
    ...(groups === null ? [] : [peakRow(host, groups, facts), swapAccountingRow(host, groups)]),
    kernelLogRow(host),
  ];
  return rows.map((row) => ({ group: 'readable', ...row }));
}
