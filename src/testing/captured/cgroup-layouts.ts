/**
 * Where the files of a target's memory group lie on hosts of different make, in the kernel's own
 * forms: v2 as in Documentation/admin-guide/cgroup-v2.rst, v1 as in cgroup-v1/memory.rst.
 */
export interface CgroupLayout {
  name: string;
  /** /proc/PID/cgroup of the target's root. */
  processGroups: string;
  files: Readonly<Record<string, string>>;
  /** Where the target's own group is found, and what bounds it. */
  expected: { instance: string; limitBytes: number | null; limitLevel: number | null; usageBytes: number };
  /** Groups above that are visible, from the nearest upwards. */
  ancestors: readonly string[];
}

const mib = 1024 ** 2;

const v2Stat = `anon 146800640
file 52428800
kernel 7340032
kernel_stack 1048576
pagetables 2097152
sec_pagetables 0
percpu 21600
sock 1048576
vmalloc 8192
shmem 4194304
file_mapped 20971520
file_dirty 0
inactive_anon 150994944
active_file 31457280
slab_reclaimable 2097152
slab_unreclaimable 1048576
slab 3145728
workingset_refault_anon 0
pgfault 51234
pgmajfault 3
`;

const v1Stat = (limit: number | string): string => `cache 8388608
rss 146800640
rss_huge 0
shmem 4194304
mapped_file 2097152
swap 0
pgpgin 41234
inactive_anon 150994944
active_file 2097152
unevictable 0
hierarchical_memory_limit ${limit}
hierarchical_memsw_limit 9223372036854771712
total_cache 8388608
total_rss 146800640
total_shmem 4194304
total_swap 0
total_inactive_file 2097152
`;

/** The files of one v2 group; a group without the controller of memory has none of these. */
function v2Group(folder: string, max: string, usageMib: number): Record<string, string> {
  return {
    [`${folder}/cgroup.controllers`]: 'cpuset cpu io memory pids\n',
    [`${folder}/memory.current`]: `${usageMib * mib}\n`,
    [`${folder}/memory.peak`]: `${(usageMib + 8) * mib}\n`,
    [`${folder}/memory.max`]: `${max}\n`,
    [`${folder}/memory.high`]: 'max\n',
    [`${folder}/memory.swap.current`]: '0\n',
    [`${folder}/memory.events`]: 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
    [`${folder}/memory.events.local`]: 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
    [`${folder}/memory.stat`]: v2Stat,
  };
}

function v1Group(
  folder: string,
  limit: number | string,
  usageMib: number,
  hierarchical: number | string,
): Record<string, string> {
  return {
    [`${folder}/memory.usage_in_bytes`]: `${usageMib * mib}\n`,
    [`${folder}/memory.max_usage_in_bytes`]: `${(usageMib + 8) * mib}\n`,
    [`${folder}/memory.limit_in_bytes`]: `${limit}\n`,
    [`${folder}/memory.kmem.usage_in_bytes`]: '1048576\n',
    [`${folder}/memory.failcnt`]: '0\n',
    [`${folder}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n',
    [`${folder}/memory.stat`]: v1Stat(hierarchical),
  };
}

/** As text, since it is more than a number can hold exactly. */
const v1Unlimited = '9223372036854771712';
const v2Mount =
  '27 22 0:25 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n';
const v1Mounts = (root: string): string =>
  [
    '29 23 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755',
    `30 29 0:27 ${root} /sys/fs/cgroup/systemd rw,nosuid - cgroup cgroup rw,xattr,name=systemd`,
    `33 29 0:30 ${root} /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,memory`,
    '',
  ].join('\n');

const shell = '0::/user.slice/user-1000.slice/session-4.scope\n';
const rootOfV2 = { '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids\n' };

const container = '4f0c2b9e6a1d8375c0ab41f2de97836b5512c04e9f78aa3310cd64b7e2f95d18';
const podV1 = '/kubepods/burstable/pod8a1f6c3e-52b7-4e0d-9a63-1d7c0b5f2e94';
const podV2 = '/kubepods.slice/kubepods-pod8a1f6c3e_52b7_4e0d_9a63_1d7c0b5f2e94.slice';

export const cgroupLayouts: readonly CgroupLayout[] = [
  {
    name: 'a systemd service on v2, limited by MemoryMax of its own unit',
    processGroups: '0::/system.slice/stt.service\n',
    files: {
      '/proc/self/mountinfo': v2Mount,
      '/proc/self/cgroup': shell,
      ...rootOfV2,
      ...v2Group('/sys/fs/cgroup/system.slice/stt.service', String(512 * mib), 200),
      ...v2Group('/sys/fs/cgroup/system.slice', 'max', 900),
    },
    expected: { instance: 'v2:/system.slice/stt.service', limitBytes: 512 * mib, limitLevel: 0, usageBytes: 200 * mib },
    ancestors: ['v2:/system.slice'],
  },
  {
    name: "a user's service on v2, limited by the slice of that user",
    processGroups: '0::/user.slice/user-1000.slice/user@1000.service/app.slice/stt.service\n',
    files: {
      '/proc/self/mountinfo': v2Mount,
      '/proc/self/cgroup': shell,
      ...rootOfV2,
      ...v2Group('/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/stt.service', 'max', 200),
      ...v2Group('/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice', 'max', 210),
      ...v2Group('/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service', 'max', 260),
      ...v2Group('/sys/fs/cgroup/user.slice/user-1000.slice', String(2048 * mib), 700),
      ...v2Group('/sys/fs/cgroup/user.slice', 'max', 700),
    },
    expected: {
      instance: 'v2:/user.slice/user-1000.slice/user@1000.service/app.slice/stt.service',
      limitBytes: 2048 * mib,
      limitLevel: 3,
      usageBytes: 200 * mib,
    },
    ancestors: [
      'v2:/user.slice/user-1000.slice/user@1000.service/app.slice',
      'v2:/user.slice/user-1000.slice/user@1000.service',
      'v2:/user.slice/user-1000.slice',
      'v2:/user.slice',
    ],
  },
  {
    name: 'a container of Docker on v2 with the systemd driver',
    processGroups: `0::/system.slice/docker-${container}.scope\n`,
    files: {
      '/proc/self/mountinfo': v2Mount,
      '/proc/self/cgroup': shell,
      ...rootOfV2,
      ...v2Group(`/sys/fs/cgroup/system.slice/docker-${container}.scope`, String(256 * mib), 160),
      ...v2Group('/sys/fs/cgroup/system.slice', 'max', 900),
    },
    expected: {
      instance: `v2:/system.slice/docker-${container}.scope`,
      limitBytes: 256 * mib,
      limitLevel: 0,
      usageBytes: 160 * mib,
    },
    ancestors: ['v2:/system.slice'],
  },
  {
    name: 'a pod of Kubernetes on v2, whose limit stands at the pod',
    processGroups: `0::${podV2}/cri-containerd-${container}.scope\n`,
    files: {
      '/proc/self/mountinfo': v2Mount,
      '/proc/self/cgroup': shell,
      ...rootOfV2,
      ...v2Group(`/sys/fs/cgroup${podV2}/cri-containerd-${container}.scope`, 'max', 300),
      ...v2Group(`/sys/fs/cgroup${podV2}`, String(768 * mib), 310),
      ...v2Group('/sys/fs/cgroup/kubepods.slice', String(30_720 * mib), 9000),
    },
    expected: {
      instance: `v2:${podV2}/cri-containerd-${container}.scope`,
      limitBytes: 768 * mib,
      limitLevel: 1,
      usageBytes: 300 * mib,
    },
    ancestors: [`v2:${podV2}`, 'v2:/kubepods.slice'],
  },
  {
    name: 'a pod of Kubernetes on v1',
    processGroups: `11:memory:${podV1}/${container}\n5:cpu,cpuacct:${podV1}/${container}\n1:name=systemd:${podV1}/${container}\n`,
    files: {
      '/proc/self/mountinfo': v1Mounts('/'),
      '/proc/self/cgroup': '11:memory:/user.slice\n1:name=systemd:/user.slice/user-1000.slice/session-4.scope\n',
      ...v1Group(`/sys/fs/cgroup/memory${podV1}/${container}`, 512 * mib, 300, 512 * mib),
      ...v1Group(`/sys/fs/cgroup/memory${podV1}`, 512 * mib, 301, 512 * mib),
      ...v1Group('/sys/fs/cgroup/memory/kubepods/burstable', v1Unlimited, 4000, 30_720 * mib),
      ...v1Group('/sys/fs/cgroup/memory/kubepods', 30_720 * mib, 9000, 30_720 * mib),
      ...v1Group('/sys/fs/cgroup/memory', v1Unlimited, 12_000, v1Unlimited),
    },
    expected: {
      instance: `v1:${podV1}/${container}`,
      limitBytes: 512 * mib,
      limitLevel: 0,
      usageBytes: 300 * mib,
    },
    ancestors: [`v1:${podV1}`, 'v1:/kubepods/burstable', 'v1:/kubepods', 'v1:/'],
  },
  {
    name: 'inside a container on v2, where its own group is the root that is seen',
    processGroups: '0::/\n',
    files: {
      '/proc/self/mountinfo': '640 630 0:25 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw\n',
      '/proc/self/cgroup': '0::/\n',
      ...v2Group('/sys/fs/cgroup', String(384 * mib), 160),
    },
    expected: { instance: 'v2:/', limitBytes: 384 * mib, limitLevel: 0, usageBytes: 160 * mib },
    ancestors: [],
  },
  {
    name: 'inside a container on v1, with the paths of the host in /proc',
    processGroups: `4:memory:/docker/${container}\n`,
    files: {
      '/proc/self/mountinfo': v1Mounts(`/docker/${container}`),
      '/proc/self/cgroup': `4:memory:/docker/${container}\n`,
      ...v1Group('/sys/fs/cgroup/memory', 384 * mib, 160, 384 * mib),
    },
    expected: {
      instance: `v1:/docker/${container}`,
      limitBytes: 384 * mib,
      limitLevel: 0,
      usageBytes: 160 * mib,
    },
    ancestors: [],
  },
  {
    name: 'a hybrid host: v1 controls memory, the v2 tree has no controllers',
    processGroups: '4:memory:/stt\n1:name=systemd:/system.slice/stt.service\n0::/system.slice/stt.service\n',
    files: {
      '/proc/self/mountinfo': `${v1Mounts('/')}39 29 0:36 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n`,
      '/proc/self/cgroup': '4:memory:/\n0::/\n',
      '/sys/fs/cgroup/unified/cgroup.controllers': '\n',
      '/sys/fs/cgroup/unified/system.slice/stt.service/memory.pressure':
        'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
      ...v1Group('/sys/fs/cgroup/memory/stt', 200 * mib, 160, 200 * mib),
      ...v1Group('/sys/fs/cgroup/memory', v1Unlimited, 12_000, v1Unlimited),
    },
    expected: { instance: 'v1:/stt', limitBytes: 200 * mib, limitLevel: 0, usageBytes: 160 * mib },
    ancestors: ['v1:/'],
  },
];

/** Hosts on which no group of the target has memory of its own, and what the reason must name. */
export const layoutsWithoutMemory: readonly {
  name: string;
  processGroups: string;
  files: Readonly<Record<string, string>>;
  says: RegExp;
}[] = [
  {
    name: 'the target is in the root group of v2',
    processGroups: '0::/\n',
    files: { '/proc/self/mountinfo': v2Mount, '/proc/self/cgroup': shell, ...rootOfV2 },
    says: /root cgroup.*systemd-run --scope/,
  },
  {
    name: 'the kernel was started without the controller',
    processGroups: '0::/system.slice/stt.service\n',
    files: {
      '/proc/self/mountinfo': v2Mount,
      '/proc/self/cgroup': shell,
      '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io pids\n',
    },
    says: /cgroup_enable=memory/,
  },
  {
    name: 'the parent does not hand the controller down',
    processGroups: '0::/system.slice/stt.service\n',
    files: { '/proc/self/mountinfo': v2Mount, '/proc/self/cgroup': shell, ...rootOfV2 },
    says: /MemoryAccounting=yes/,
  },
  {
    name: 'the group lies outside of our cgroup namespace',
    processGroups: '0::/../cri-containerd-9b1d4e07.scope\n',
    files: { '/proc/self/mountinfo': v2Mount, '/proc/self/cgroup': '0::/\n' },
    says: /outside of our cgroup namespace/,
  },
  {
    name: 'no cgroup file system is mounted',
    processGroups: '4:memory:/stt\n',
    files: { '/proc/self/mountinfo': '22 28 0:20 / /proc rw - proc proc rw\n' },
    says: /no cgroup file system/,
  },
  { name: 'nothing is known of its groups', processGroups: '', files: {}, says: /no cgroup that is visible/ },
];
