/** A hybrid host: memory is controlled by v1, the v2 tree has no controllers. */
const folder = '/sys/fs/cgroup/memory/bench-x';
export const v1Folder = folder;

export const v1Files: Readonly<Record<string, string>> = {
  '/proc/self/mountinfo': [
    '22 1 0:20 / /proc rw,relatime - proc proc rw',
    '25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24684092k',
    '29 23 0:26 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
    '30 29 0:27 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu',
    '33 29 0:30 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
    '39 29 0:36 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    '',
  ].join('\n'),
  '/proc/self/cgroup': '4:memory:/\n1:cpu:/\n0::/\n',
  [`${folder}/memory.usage_in_bytes`]: '158334976\n',
  [`${folder}/memory.max_usage_in_bytes`]: '209715200\n',
  [`${folder}/memory.limit_in_bytes`]: '209715200\n',
  [`${folder}/memory.kmem.usage_in_bytes`]: '1048576\n',
  [`${folder}/memory.failcnt`]: '125\n',
  [`${folder}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
  [`${folder}/memory.stat`]: [
    'cache 4096',
    'rss 152043520',
    'shmem 0',
    'hierarchical_memory_limit 209715200',
    'hierarchical_memsw_limit 9223372036854771712',
    'total_cache 5242880',
    'total_rss 152043520',
    'total_shmem 2097152',
    'total_inactive_file 1048576',
    '',
  ].join('\n'),
  '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
};
