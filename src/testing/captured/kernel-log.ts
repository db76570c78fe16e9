/** Records of /dev/kmsg as Linux 6 writes them: `level,sequence,microseconds,flags;text`. */

/** A group reached its own limit; the report between the two lines is left out. */
export const groupKillRecords = `4,2624,19209453375,-;node invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
6,2704,19209453890,-;Tasks state (memory values in pages):
6,2705,19209453906,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/bench-x,task_memcg=/bench-x,task=node,pid=101,uid=0
3,2706,19209453950,-;Memory cgroup out of memory: Killed process 101 (node) total-vm:1056024kB, anon-rss:176336kB, file-rss:6708kB, shmem-rss:0kB, UID:0 pgtables:924kB oom_score_adj:0
 SUBSYSTEM=memory
 DEVICE=+memory:none
6,2707,19209459302,-;oom_reaper: reaped process 101 (node), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
`;

/** The limit of a pod was reached, and memory.oom.group takes all of the container. */
export const podKillRecords = `6,90,1,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=cri-containerd-9b1d4e07.scope,mems_allowed=0,oom_memcg=/kubepods.slice/pod.slice,task_memcg=/kubepods.slice/pod.slice/cri-containerd-9b1d4e07.scope,task=python3,pid=4100,uid=1000
3,91,2,-;Memory cgroup out of memory: Killed process 4100 (python3) total-vm:9kB, anon-rss:5kB, file-rss:1kB, shmem-rss:0kB, UID:1000 pgtables:1kB oom_score_adj:984
6,92,3,-;Tasks in /kubepods.slice/pod.slice/cri-containerd-9b1d4e07.scope are going to be killed due to memory.oom.group set
3,93,4,-;Memory cgroup out of memory: Killed process 4101 (a (b) c) total-vm:9kB, anon-rss:4kB, file-rss:1kB, shmem-rss:0kB, UID:1000 pgtables:1kB oom_score_adj:984
`;

/** The memory of the host ran out. */
export const hostKillRecords = `6,80,1,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice,task=chrome,pid=777,uid=1000
3,81,2,-;Out of memory: Killed process 777 (chrome) total-vm:9kB, anon-rss:5kB, file-rss:1kB, shmem-rss:0kB, UID:1000 pgtables:1kB oom_score_adj:300
`;

export const xidRecords = `4,100,1,-;NVRM: Xid (PCI:0000:03:00): 31, pid=4242, name=python3, Ch 00000008, intr 00000000. MMU Fault: ENGINE GRAPHICS
4,101,2,-;NVRM: Xid (PCI:0000:03:00): 31, pid=4242, name=python3, Ch 00000009, intr 00000000. MMU Fault: ENGINE GRAPHICS
4,102,3,-;NVRM: Xid (PCI:0000:81:00): 79, GPU has fallen off the bus.
4,103,4,-;NVRM: loading NVIDIA UNIX x86_64 Kernel Module
`;
