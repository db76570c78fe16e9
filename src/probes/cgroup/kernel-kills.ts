import { type Killed, tellKilled } from '../../model/killed.ts';
import type { FollowedLog, HostView, ProcessIdentity } from '../../model/target.ts';

/** One kill as the kernel's log tells it. */
export interface KernelKill extends Killed {
  /** The group whose limit was hit; null: the host's memory, or that of a cpuset or a NUMA node. */
  limitGroup: string | null;
  /** The group of the killed process; null if its line was lost. */
  taskGroup: string | null;
  anonBytes: number | null;
}

export const kernelLogPath = '/dev/kmsg';

/** The texts of /dev/kmsg records; the kernel's key-value lines, which begin with a blank, are left out. */
export function logTexts(records: string): readonly string[] {
  return records
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '))
    .map((line) => line.slice(line.indexOf(';') + 1));
}

const choiceLine =
  /^oom-kill:constraint=(\w+),.*?(?:oom_memcg=(.*?),)?(?:global_oom,)?task_memcg=(.*),task=(.*),pid=(\d+),uid=/;
const killLine =
  /^(Memory cgroup out|Out) of memory.*?: Kill(?:ed)? process (\d{1,10}) \((.*?)\)(?:,| total-vm| score)/;

/**
 * A kill takes two lines: whom the kernel chose and why (`oom-kill:constraint=`), then `Killed process`.
 * With memory.oom.group every further process of the group has the second line only.
 */
export function parseKills(texts: readonly string[]): readonly KernelKill[] {
  const kills: KernelKill[] = [];
  let choice: Pick<KernelKill, 'limitGroup' | 'taskGroup'> = { limitGroup: null, taskGroup: null };
  for (const text of texts) {
    const chosen = choiceLine.exec(text);
    if (chosen !== null) {
      choice = { limitGroup: chosen[2] ?? null, taskGroup: chosen[3] ?? null };
      continue;
    }
    const killed = killLine.exec(text);
    if (killed !== null) {
      const anonKib = /anon-rss:(\d{1,15})kB/.exec(text)?.[1];
      kills.push({
        pid: Number(killed[2]),
        name: killed[3] ?? '',
        ...choice,
        anonBytes: anonKib === undefined ? null : Number(anonKib) * 1024,
      });
    }
  }
  return kills;
}

/** Whether the killed process was in this group or below it. */
export function isInGroup({ taskGroup }: KernelKill, groupPath: string | null): boolean {
  return (
    groupPath !== null &&
    groupPath !== '/' &&
    taskGroup !== null &&
    (taskGroup === groupPath || taskGroup.startsWith(`${groupPath}/`))
  );
}

/** Whether a killed process was the target's: by its group, else by pid and name together. */
export function isOfTarget(kill: KernelKill, groupPath: string | null, known: readonly ProcessIdentity[]): boolean {
  // The log has the pids of the host: inside a container the same number is another process.
  const isKnown = known.some((process) => process.pid === kill.pid && process.role === kill.name);
  return isKnown || isInGroup(kill, groupPath);
}

/** In words and on one line, for a row of evidence. */
export function describeKill({ pid, name, limitGroup, anonBytes }: KernelKill): string {
  const held = anonBytes === null ? '' : ` with ${anonBytes} bytes anonymous`;
  const limit = limitGroup === null ? 'the memory of the host' : `the limit of ${limitGroup}`;
  return `${tellKilled({ name, pid })}${held} at ${limit}`;
}

/** A log without news answers with an error, which costs several times a reading; no early tick skips its turn. */
export const logEveryMs = 950;

/** New kills in the kernel's log at every call; empty where the log may not be read. */
export function followKills(host: HostView): { isReadable: boolean; readNew(): readonly KernelKill[]; close(): void } {
  const log: FollowedLog | null = host.follow(kernelLogPath);
  return {
    isReadable: log !== null,
    readNew: () => parseKills(logTexts(log?.readNew() ?? '')),
    close() {
      log?.close();
    },
  };
}
