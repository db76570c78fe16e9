import type { ProcessLife, RunEvent, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { roleOf } from './holders.ts';

const pidOf = (instance: string): number => Number(instance.split('#')[1] ?? Number.NaN);

/**
 * Every process of the tree, from first to last sight. A process that changed its name while it lived
 * (`..., was node#12` in its event) is one process under its last name.
 */
export function processes(samples: SampleTable, events: readonly RunEvent[]): readonly ProcessLife[] | Unavailable {
  const sights = samples.instances('process', 'rss_anon_bytes');
  const starts = events.filter((event) => event.kind === 'process_start');
  if (sights.length === 0 && starts.length === 0) {
    return { unavailable: true, reason: "the target's processes were not observed" };
  }
  const lives: ProcessLife[] = [];
  for (const event of starts) {
    const formerName = /, was (\S+)$/.exec(event.detail)?.[1];
    const former = lives.find((life) => life.instance === formerName && life.goneMs === null);
    const life = {
      instance: event.subject,
      role: roleOf(event.subject),
      pid: pidOf(event.subject),
      isRoot: /\broot\b/.test(event.detail),
      firstMs: former?.firstMs ?? event.tMs,
      lastMs: event.tMs,
      goneMs: goneAfter(events, event),
    };
    if (former === undefined) {
      lives.push(life);
    } else {
      lives[lives.indexOf(former)] = life;
    }
  }
  const renamed = new Set(starts.map((event) => /, was (\S+)$/.exec(event.detail)?.[1]));
  for (const instance of sights.filter((name) => !renamed.has(name))) {
    const seen = samples.series('process', instance, 'rss_anon_bytes');
    const firstMs = seen?.tMs[0] ?? 0;
    const lastMs = seen?.tMs.at(-1) ?? 0;
    const ofInstance = lives.filter((life) => life.instance === instance);
    for (const life of ofInstance) {
      const until = life.goneMs ?? Number.POSITIVE_INFINITY;
      life.lastMs = Math.max(life.lastMs, Math.min(lastMs, until));
    }
    if (ofInstance.length === 0) {
      lives.push({
        instance,
        role: roleOf(instance),
        pid: pidOf(instance),
        isRoot: false,
        firstMs,
        lastMs,
        goneMs: null,
      });
    }
  }
  return lives;
}

function goneAfter(events: readonly RunEvent[], start: RunEvent): number | null {
  return (
    events.find((event) => event.kind === 'process_gone' && event.subject === start.subject && event.tMs >= start.tMs)
      ?.tMs ?? null
  );
}
