/** Processes that come and go between two reads, and the kernel's own rounding. */
const slackBytes = 32 * 1024 ** 2;
const slackRatio = 0.1;

/**
 * Whether a cgroup holds the target and nothing else worth mentioning: only then is the group's
 * memory the target's. Judged by anonymous memory, which both sides count alike.
 */
export function isOwnGroup(groupAnonBytes: number, treeAnonBytes: number): boolean {
  return groupAnonBytes - treeAnonBytes <= slackBytes + slackRatio * treeAnonBytes;
}
