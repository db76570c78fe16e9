import { type ProcessStat, parseProcessStat } from '../base/procfs.ts';
import type { OpenProbe, Probe, Sample } from '../model/probe.ts';
import type { HostView, ObservedTarget, ProcessIdentity } from '../model/target.ts';
import { processMetrics } from './process/metrics.ts';
import { gone, hidden, type ProbeEvent, refusedEvent, started } from './process/process-events.ts';
import { createRootWatch } from './process/root-watch.ts';
import { instanceOf, type SeenProcess, seeProcess } from './process/seen-process.ts';
import { addTreeSums } from './process/tree-sums.ts';

/** Who may matter to the sum is read at every tick, whatever its stat says. */
const largest = 8;

/** A process of the list, as it was read last. */
interface Followed {
  process: ProcessIdentity;
  path: string;
  text: string;
  /** Of `text`; null: it has ended, or its pid is another's by now. */
  stat: ProcessStat | null;
  /** null until it is found living. */
  seen: SeenProcess | null;
}

interface Living {
  seen: SeenProcess;
  stat: ProcessStat;
}

function follow(process: ProcessIdentity): Followed {
  return { process, path: `/proc/${process.pid}/stat`, text: '', stat: null, seen: null };
}

/** The stat of a process that did nothing has not changed by a letter, and is not parsed again. */
function readStat(host: HostView, one: Followed): ProcessStat | null {
  const text = host.read(one.path) ?? '';
  if (text !== one.text) {
    const stat = parseProcessStat(text);
    const isLiving =
      stat !== null && stat.startTicks === one.process.startTicks && stat.state !== 'Z' && stat.state !== 'X';
    one.text = text;
    one.stat = isLiving ? stat : null;
  }
  return one.stat;
}

/** Resident pages of the last one that counts as large. */
function largePages(living: readonly Living[]): number {
  return living.length <= largest
    ? 0
    : (Float64Array.from(living, ({ stat }) => stat.rssPages).sort()[living.length - largest] ?? 0);
}

/** Process 1 exists in every namespace, and its stat is anybody's to read unless /proc hides it. */
function hidingEvents(host: HostView): ProbeEvent[] {
  const isHiding = host.read('/proc/self/stat') !== null && host.read('/proc/1/stat') === null;
  return isHiding ? [hidden] : [];
}

/**
 * stat of all -> status of those that changed, of the largest, and of all every 10 s, with what costs more
 *
 * What stood still is given again without a reading, so sums over the tree are whole at every tick.
 */
function openOn(target: ObservedTarget, host: HostView): OpenProbe {
  const roots = createRootWatch(target.id);
  let followed: ReadonlyMap<number, Followed> = new Map();
  let untold: ProbeEvent[] = hidingEvents(host);
  let hasToldRefusals = false;

  const meet = (one: Followed, stat: ProcessStat, tMs: number, events: ProbeEvent[]): SeenProcess => {
    const formerRole = one.seen?.role ?? null;
    const seen = one.seen ?? seeProcess(host, one.process, tMs);
    one.seen = seen;
    seen.identity = one.process;
    if (formerRole !== stat.comm) {
      seen.role = stat.comm;
      seen.instance = instanceOf(stat.comm, one.process.pid);
      events.push(started(seen, formerRole));
    }
    return seen;
  };

  /** Those of the list that live: one may have ended since it was made, or its pid may be another's. */
  const livingNow = (tMs: number, events: ProbeEvent[]): { living: Living[]; lost: SeenProcess[] } => {
    const current = new Map<number, Followed>();
    const living: Living[] = [];
    for (const process of target.processes()) {
      const before = followed.get(process.pid);
      const one = before?.process.startTicks === process.startTicks ? before : follow(process);
      one.process = process;
      const stat = readStat(host, one);
      if (stat !== null) {
        current.set(process.pid, one);
        living.push({ seen: meet(one, stat, tMs, events), stat });
      }
    }
    const lost: SeenProcess[] = [];
    for (const [pid, one] of followed) {
      if (current.get(pid) !== one && one.seen !== null) {
        lost.push(one.seen);
      }
    }
    followed = current;
    return { living, lost };
  };

  return {
    read(tick) {
      const samples: Sample[] = [];
      const events = untold;
      untold = [];
      const { living, lost } = livingNow(tick.tMs, events);
      const all = living.map(({ seen }) => seen);
      events.push(...lost.map(gone), ...roots.next(all, lost, tick.tMs));
      const large = largePages(living);
      for (const { seen, stat } of living) {
        seen.read(stat, tick.tMs, stat.rssPages >= large, samples);
      }
      addTreeSums(all, samples);
      const refusing = hasToldRefusals ? undefined : all.find(({ refused }) => refused.size > 0);
      if (refusing !== undefined) {
        hasToldRefusals = true;
        events.push(refusedEvent(refusing));
      }
      return Promise.resolve({ samples, events });
    },
    close: () => Promise.resolve(),
  };
}

export const processMemory: Probe = {
  id: 'process-memory',
  title: 'Memory of every process of the target',
  metrics: processMetrics,
  open: (target) =>
    Promise.resolve(target.host === null ? { unavailable: target.description } : openOn(target, target.host)),
};
