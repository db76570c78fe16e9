import { median } from '../../base/statistics.ts';
import type { Spell } from './engine-job.ts';
import type { Truth } from './sink-messages.ts';

function byId<T extends { id: string }>(rows: readonly T[], atMs: (row: T) => number): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows.toSorted((a, b) => atMs(a) - atMs(b))) {
    const group = groups.get(row.id);
    if (group === undefined) {
      groups.set(row.id, [row]);
    } else {
      group.push(row);
    }
  }
  return groups;
}

export interface Agreement {
  /** Of the difference between an engine's latency and the sink's, without its sign. */
  medianMs: number | null;
  pairs: number;
}

/**
 * How far an engine's latencies are from what the sink saw, from a request's first byte to its reply. The n-th
 * request for an item is the n-th that the sink saw of it.
 */
export function agreementOf(spells: readonly Spell[], truths: readonly Truth[]): Agreement {
  const truthsOf = byId(truths, (truth) => truth.firstByteMs);
  const differences: number[] = [];
  for (const [id, ofId] of byId(spells, (spell) => spell.startMs)) {
    for (const [index, spell] of ofId.entries()) {
      const truth = truthsOf.get(id)?.[index];
      if (truth !== undefined) {
        differences.push(Math.abs(spell.endMs - spell.startMs - (truth.repliedMs - truth.firstByteMs)));
      }
    }
  }
  return { medianMs: median(differences), pairs: differences.length };
}
