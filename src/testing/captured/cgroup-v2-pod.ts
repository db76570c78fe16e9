/** A pod whose limit stands at the pod's level: the container's own group is unlimited. */
export const podPath =
  '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f1c9a52_7d1e.slice/cri-containerd-9b1d4e07.scope';
const mountPoint = '/sys/fs/cgroup';
const leaf = `${mountPoint}${podPath}`;
const pod = leaf.slice(0, leaf.lastIndexOf('/'));
const burstable = pod.slice(0, pod.lastIndexOf('/'));
export const podLeafFolder = leaf;

export const podFiles: Readonly<Record<string, string>> = {
  '/proc/self/mountinfo': [
    '22 28 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw',
    '25 28 0:23 / /dev/shm rw,nosuid,nodev shared:4 - tmpfs tmpfs rw,inode64',
    '26 28 0:24 / /run rw,nosuid,nodev,noexec shared:5 - tmpfs tmpfs rw,size=1585900k,mode=755,inode64',
    '27 22 0:25 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot',
    '60 28 0:51 / /var/lib/kubelet/secret\\040one ro,relatime shared:31 - tmpfs tmpfs rw,size=65536k,inode64',
    '',
  ].join('\n'),
  '/proc/self/cgroup': '0::/user.slice/user-1000.slice/session-4.scope\n',
  [`${leaf}/memory.current`]: '536870912\n',
  [`${leaf}/memory.peak`]: '734003200\n',
  [`${leaf}/memory.max`]: 'max\n',
  [`${leaf}/memory.events`]: 'low 0\nhigh 0\nmax 0\noom 1\noom_kill 1\noom_group_kill 0\n',
  [`${leaf}/memory.stat`]: [
    'anon 314572800',
    'file 180355072',
    'kernel 25165824',
    'kernel_stack 3145728',
    'pagetables 4194304',
    'sec_pagetables 0',
    'percpu 12345',
    'sock 2097152',
    'vmalloc 4096',
    'shmem 10485760',
    'file_mapped 90177536',
    'slab_reclaimable 9437184',
    'slab_unreclaimable 5242880',
    'slab 14680064',
    '',
  ].join('\n'),
  [`${leaf}/memory.pressure`]:
    'some avg10=12.34 avg60=3.00 avg300=0.70 total=8123456\nfull avg10=9.87 avg60=2.00 avg300=0.50 total=7654321\n',
  [`${leaf}/cpu.pressure`]:
    'some avg10=1.00 avg60=0.50 avg300=0.10 total=1000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  [`${leaf}/io.pressure`]:
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=4\n',
  [`${leaf}/cgroup.procs`]: '4100\n4101\n',
  [`${pod}/memory.max`]: '805306368\n',
  [`${pod}/memory.events`]: 'low 0\nhigh 0\nmax 42\noom 1\noom_kill 1\noom_group_kill 0\n',
  [`${burstable}/memory.max`]: '16106127360\n',
  [`${mountPoint}/kubepods.slice/memory.max`]: '32212254720\n',
};
