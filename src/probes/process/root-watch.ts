import type { ProbeEvent } from './process-events.ts';
import type { SeenProcess } from './seen-process.ts';

interface LostRoot {
  instance: string;
  tMs: number;
}

export interface RootWatch {
  /** `lost` are those that were living at the tick before. */
  next(living: readonly SeenProcess[], lost: readonly SeenProcess[], tMs: number): ProbeEvent[];
}

/** Tells a root that was replaced from one that nothing has taken the place of. */
export function createRootWatch(targetId: string): RootWatch {
  let rootsBefore: ReadonlySet<SeenProcess> = new Set();
  let waiting: readonly LostRoot[] = [];
  return {
    next(living, lost, tMs) {
      const roots = new Set(living.filter(({ identity }) => identity.isRoot));
      const hadRoot = rootsBefore.size > 0;
      waiting = [
        ...waiting,
        ...lost.filter((seen) => rootsBefore.has(seen)).map(({ instance }) => ({ instance, tMs })),
      ];
      const events: ProbeEvent[] = [];
      for (const root of roots) {
        // Only one that was born after the loss replaces it: a worker that becomes a root was there before.
        const replaced = rootsBefore.has(root) ? undefined : waiting.find((one) => root.firstMs >= one.tMs);
        if (replaced !== undefined) {
          waiting = waiting.filter((one) => one !== replaced);
          const detail = `takes the place of ${replaced.instance}, a root that has ended`;
          events.push({ kind: 'restart', subject: root.instance, detail });
        }
      }
      if (hadRoot && roots.size === 0) {
        const detail = 'the root of the tree has ended, and nothing has taken its place';
        events.push({ kind: 'target_gone', subject: targetId, detail });
      }
      rootsBefore = roots;
      return events;
    },
  };
}
