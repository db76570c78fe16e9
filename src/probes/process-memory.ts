import { type ProcessStat, parseProcessStat } from '../base/procfs.ts';
import type { OpenProbe, Probe, Sample } from '../model/probe.ts';
import type { HostView, ObservedTarget, ProcessIdentity } from '../model/target.ts';
import { processMetrics } from './process/metrics.ts';
import { gone, hidden, type ProbeEvent, refusedEvent, started } from './process/process-events.ts';
import { createRootWatch } from './process/root-watch.ts';
import { instanceOf, type SeenProcess, seeProcess } from './process/seen-process.ts';
import { treeSums } from './process/tree-sums.ts';

/** Who may matter to the sum is read at every tick, whatever its stat says. */
const largest = 8;

const keyOf = ({ pid, startTicks }: ProcessIdentity): string => `${pid}/${startTicks}`;

interface Living {
  process: ProcessIdentity;
  stat: ProcessStat;
}

interface StatText {
  text: string;
  stat: ProcessStat | null;
}

/**
 * Those of the list that live: one may have ended since it was made, or its pid may be another's.
 * The stat of a process that did nothing has not changed by a letter, and is not parsed again.
 */
function livingOf(
  host: HostView,
  processes: readonly ProcessIdentity[],
  parsed: ReadonlyMap<number, StatText>,
): { living: Living[]; texts: Map<number, StatText> } {
  const living: Living[] = [];
  const texts = new Map<number, StatText>();
  for (const process of processes) {
    const text = host.read(`/proc/${process.pid}/stat`) ?? '';
    const before = parsed.get(process.pid);
    const read = before?.text === text ? before : { text, stat: parseProcessStat(text) };
    const { stat } = read;
    texts.set(process.pid, read);
    if (stat !== null && stat.startTicks === process.startTicks && stat.state !== 'Z' && stat.state !== 'X') {
      living.push({ process, stat });
    }
  }
  return { living, texts };
}

/** Resident pages of the last one that counts as large. */
function largePages(living: readonly Living[]): number {
  return living.length <= largest
    ? 0
    : (living.map(({ stat }) => stat.rssPages).sort((a, b) => b - a)[largest - 1] ?? 0);
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
  let known: ReadonlyMap<string, SeenProcess> = new Map();
  let untold: ProbeEvent[] = hidingEvents(host);
  let hasToldRefusals = false;
  let parsed: ReadonlyMap<number, StatText> = new Map();

  const meet = ({ process, stat }: Living, tMs: number, events: ProbeEvent[]): SeenProcess => {
    const before = known.get(keyOf(process));
    const seen = before ?? seeProcess(host, process, tMs);
    const formerRole = before?.role ?? null;
    seen.identity = process;
    if (formerRole !== stat.comm) {
      seen.role = stat.comm;
      seen.instance = instanceOf(stat.comm, process.pid);
      events.push(started(seen, formerRole));
    }
    return seen;
  };

  return {
    read(tick) {
      const { living, texts } = livingOf(host, target.processes(), parsed);
      parsed = texts;
      const samples: Sample[] = [];
      const events = untold;
      untold = [];
      const current = new Map(living.map((one) => [keyOf(one.process), meet(one, tick.tMs, events)]));
      const lost = [...known].flatMap(([key, seen]) => (current.has(key) ? [] : [seen]));
      events.push(...lost.map(gone), ...roots.next([...current.values()], lost, tick.tMs));
      known = current;
      const large = largePages(living);
      for (const { process, stat } of living) {
        current.get(keyOf(process))?.read(stat, tick.tMs, stat.rssPages >= large, samples);
      }
      samples.push(...treeSums([...current.values()]));
      const refusing = hasToldRefusals ? undefined : [...current.values()].find(({ refused }) => refused.size > 0);
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
