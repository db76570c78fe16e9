import type { OpenProbe, Probe } from '../model/probe.ts';
import type { FollowedLog, HostView, ObservedTarget } from '../model/target.ts';
import { findGroup } from './cgroup/find-group.ts';
import {
  describeKill,
  isOfTarget,
  type KernelKill,
  kernelLogPath,
  logEveryMs,
  logTexts,
  parseKills,
} from './cgroup/kernel-kills.ts';

type ProbeEvent = Awaited<ReturnType<OpenProbe['read']>>['events'][number];

/** A message of NVIDIA's driver: `NVRM: Xid (PCI:0000:03:00): 79, pid=123, ...`; the number is the error's. */
const xidLine = /^NVRM: Xid \(([^)]+)\): (\d+), (.*)$/;

/** One event for each device and error number, since a broken device may repeat itself hundreds of times a second. */
export function deviceErrors(texts: readonly string[]): ProbeEvent[] {
  const found = new Map<string, { subject: string; detail: string; count: number }>();
  for (const text of texts) {
    const match = xidLine.exec(text);
    if (match === null) {
      continue;
    }
    const [, device = '', number = '', rest = ''] = match;
    const key = `${device} ${number}`;
    const known = found.get(key);
    if (known === undefined) {
      found.set(key, { subject: device, detail: `Xid ${number}: ${rest.trim()}`, count: 1 });
    } else {
      known.count += 1;
    }
  }
  return [...found.values()].map(({ subject, detail, count }) => ({
    kind: 'device_error',
    subject,
    detail: count === 1 ? detail : `${detail} (${count} times)`,
  }));
}

function openOn(target: ObservedTarget, host: HostView, log: FollowedLog): OpenProbe {
  // Where the group's counter is readable, cgroup-memory tells its kills, with the log's lines as evidence.
  const isCounted = !('unavailable' in findGroup(target, host));
  let known = target.processes();
  const eventOf = (kill: KernelKill, isOurs: boolean): ProbeEvent[] => {
    if (isOurs) {
      return isCounted ? [] : [{ kind: 'oom_kill', subject: 'target', detail: describeKill(kill) }];
    }
    // A kill in a stranger's group says nothing of the target; one for the host's own memory does.
    return kill.limitGroup === null ? [{ kind: 'oom_kill', subject: 'host', detail: describeKill(kill) }] : [];
  };
  let logMs = Number.NEGATIVE_INFINITY;
  return {
    read({ tMs }) {
      if (tMs - logMs < logEveryMs) {
        return Promise.resolve({ samples: [], events: [] });
      }
      logMs = tMs;
      const now = target.processes();
      const texts = logTexts(log.readNew() ?? '');
      const path = target.cgroup.v1Memory ?? target.cgroup.v2;
      const kills = parseKills(texts).flatMap((kill) => eventOf(kill, isOfTarget(kill, path, [...known, ...now])));
      known = now;
      return Promise.resolve({ samples: [], events: [...kills, ...deviceErrors(texts)] });
    },
    close() {
      log.close();
      return Promise.resolve();
    },
  };
}

export const kernelLog: Probe = {
  id: 'kernel-log',
  title: "Kills and device errors in the kernel's log",
  metrics: [],
  open(target) {
    const { host } = target;
    if (host === null) {
      return Promise.resolve({ unavailable: target.description });
    }
    const log = host.follow(kernelLogPath);
    return Promise.resolve(
      log === null
        ? { unavailable: `${kernelLogPath} cannot be read; run as root, or allow it with kernel.dmesg_restrict=0` }
        : openOn(target, host, log),
    );
  },
};
