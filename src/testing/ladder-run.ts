import { capacityOf } from '../computed/capacity.ts';
import { inFlight } from '../computed/in-flight.ts';
import { ladder } from '../computed/ladder.ts';
import { type Artifacts, type ItemTraits, isUnavailable, type Ladder } from '../model/artifacts.ts';
import type { Capacity } from '../model/capacity.ts';
import type { RequestRecord } from '../model/record.ts';
import { event, footprint, healthyArtifacts, line, mib, record, stage } from './build.ts';

/** One level of a ladder: so many callers for 10 s, then a pause of 10 s. */
export interface Level {
  vus: number;
  peakMib: number;
  /** Held in the pause after it. */
  floorMib?: number;
  /** What ended it, if anything did. */
  end?: 'guard_stop' | 'oom_kill';
  /** So many of the callers stop after 4 s. */
  leaving?: number;
  /** The same callers as one burst. */
  isBurst?: boolean;
  /** Planned only: the load had been ended before. */
  isSkipped?: boolean;
  /** No connection was accepted any more. */
  isRefused?: boolean;
}

const levelMs = 10_000;

/** 10 s of rest at `baseMib`, then the levels; each caller sends one request a second. */
export function ladderRun(
  levels: readonly Level[],
  over: { baseMib?: number; limitMib?: number; items?: ReadonlyMap<string, ItemTraits> } = {},
): Artifacts & { ladder: Ladder } {
  const baseMib = over.baseMib ?? 40;
  const items = over.items ?? new Map<string, ItemTraits>();
  const records: RequestRecord[] = [];
  const stages = [
    {
      name: 'base',
      kind: 'idle' as const,
      startMs: 0,
      endMs: levelMs,
      stage: stage('base', 'idle', levelMs),
      rates: [],
    },
  ];
  const windows: Artifacts['stages'][number][] = [...stages];
  const events: Artifacts['events'][number][] = [];
  const run = levels.filter(({ isSkipped }) => isSkipped !== true);
  for (const [index, { vus, end, isBurst, isRefused, leaving = 0 }] of run.entries()) {
    const startMs = levelMs * (2 * index + 1);
    const name = `vus-${vus}${run.slice(0, index).some((level) => level.vus === vus) ? '-again' : ''}`;
    const load =
      isBurst === true
        ? ({ executor: 'burst', size: vus, repeats: 1, everyMs: 1000, maxInFlight: vus } as const)
        : ({ executor: 'constant-vus', vus, thinkMs: 0 } as const);
    windows.push(
      {
        name,
        kind: 'load',
        startMs,
        endMs: startMs + levelMs,
        stage: { ...stage(name, 'load', levelMs), load },
        rates: [],
      },
      {
        name: `lull-${vus}`,
        kind: 'lull',
        startMs: startMs + levelMs,
        endMs: startMs + 2 * levelMs,
        stage: stage(`lull-${vus}`, 'lull', levelMs),
        rates: [],
      },
    );
    for (let slot = 0; slot < vus; slot += 1) {
      for (let turn = 0; turn < (isBurst === true ? 1 : slot < leaving ? 4 : 10); turn += 1) {
        const atMs = startMs + 1000 * turn;
        const lastsMs = isBurst === true ? 1000 * (1 + (slot % 8)) : 1000;
        records.push(
          record(records.length, {
            stage: name,
            itemId: `item-${records.length % 4}`,
            plannedMs: atMs,
            startMs: atMs,
            endMs: atMs + lastsMs,
            outcome: isRefused === true ? 'refused' : 'ok',
          }),
        );
      }
    }
    if (end !== undefined) {
      events.push(event(startMs + levelMs / 2, end, { subject: end === 'guard_stop' ? 'target' : 'child#9' }));
    }
  }
  const held = (second: number): number => {
    const at = run[Math.floor((second - 10) / 20)];
    const isLoaded = (second - 10) % 20 < 10;
    return second < 10 || at === undefined ? baseMib : isLoaded ? at.peakMib : (at.floorMib ?? baseMib);
  };
  const total = line(10 + 20 * run.length, (second) => held(second) * mib);
  const whole = footprint(total, { baselineBytes: baseMib * mib, floorBytes: held(10 + 20 * run.length - 1) * mib });
  const skipped = levels.flatMap(({ vus, isSkipped }) =>
    isSkipped === true
      ? [{ ...stage(`vus-${vus}`, 'load', levelMs), load: { executor: 'constant-vus' as const, vus, thinkMs: 0 } }]
      : [],
  );
  const planned = [...windows.map(({ stage: of }) => of), ...skipped];
  const found = ladder(whole, windows, events, { records, items, planned });
  if (isUnavailable(found)) {
    throw new Error(found.reason);
  }
  return {
    ...healthyArtifacts({
      stages: windows,
      records,
      events,
      items,
      inFlight: inFlight(records),
      footprint: whole,
      limit: { bytes: (over.limitMib ?? 704) * mib, source: 'cgroup v1 /trial', isCgroup: true },
    }),
    ladder: found,
  };
}

/** What these levels tell; they must tell something. */
export function capacityOfLevels(levels: readonly Level[], over: Parameters<typeof ladderRun>[1] = {}): Capacity {
  const { ladder: measured, limit } = ladderRun(levels, over);
  const capacity = capacityOf(measured, limit);
  if (typeof capacity === 'string') {
    throw new Error(capacity);
  }
  return capacity;
}
