import type { Adapter } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { LoadEngine } from '../../model/engine.ts';
import type { Plan, PlannedStage, StageAchievement, StageRows } from '../../model/plan.ts';
import type { Stage } from '../../model/profile.ts';
import { k6Version, requireK6 } from './find-k6.ts';
import { mostBytes, overCap } from './memory.ts';
import { openSession } from './session.ts';

/** Why k6 has no such stage; null if it has. */
function stageRefusal({ name, load, client }: Stage): string | null {
  if (client !== null) {
    return `stage ${name} has clients that give up, retry or send slowly, and k6's do not`;
  }
  switch (load?.executor) {
    case 'burst':
      return `stage ${name} is a burst, and k6 spaces the requests of one`;
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return load.arrivals === 'poisson' ? `stage ${name} has Poisson arrivals, and k6 spaces them evenly` : null;
    case 'constant-vus':
    case 'ramping-vus':
    case 'shared-iterations':
    case 'per-vu-iterations':
    case undefined:
      return null;
  }
}

/** Distinct items that a stage may send, up to more bytes than k6 may have. */
function itemsOf(rows: StageRows): ReadonlyMap<string, CorpusItem> {
  const items = new Map<string, CorpusItem>();
  let bytes = 0;
  const add = (item: CorpusItem): boolean => {
    const isNew = !items.has(item.id);
    items.set(item.id, item);
    bytes += isNew ? item.bytes : 0;
    return isNew && bytes <= mostBytes;
  };
  if (rows.model === 'open') {
    for (const { item } of rows.rows) {
      add(item);
    }
    return items;
  }
  // Items come in epochs: with the first one that comes again all of them have come.
  for (let n = 0; ; n += 1) {
    const row = rows.draw(n % rows.slots, Math.floor(n / rows.slots));
    if (row === null || !add(row.item)) {
      return items;
    }
  }
}

/** A rate of a measurement says how many are sent, not which. */
const anyAchievement: StageAchievement = { requestsPerSecond: 1, audioSecondsPerSecond: 1 };

function capRefusal(plan: Plan, { index, stage, refersTo }: PlannedStage): string | null {
  const rows = plan.rows(index, new Map(refersTo.map((name) => [name, anyAchievement])));
  if (rows === null) {
    return null;
  }
  const sizes = [...itemsOf(rows).values()].map((item) => item.bytes);
  const why = overCap({
    corpusBytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    largestBytes: sizes.reduce((largest, bytes) => Math.max(largest, bytes), 0),
    vus: rows.model === 'open' ? Math.min(rows.maxInFlight, rows.rows.length) : rows.slots,
  });
  return why === null ? null : `in stage ${stage.name} ${why}`;
}

function refusalOf(plan: Plan, adapter: Adapter): string | null {
  if (adapter.kind !== 'call') {
    return `k6 calls a target, and ${adapter.id} is called by it`;
  }
  const refused = plan.stages.map(({ stage }) => stageRefusal(stage)).find((why) => why !== null);
  return refused ?? plan.stages.map((planned) => capRefusal(plan, planned)).find((why) => why !== null) ?? null;
}

export const k6: LoadEngine = {
  id: 'k6',
  title: 'Grafana k6 v2 as a process: even arrivals and VUs, also on many machines; holds bodies in memory',
  isOnlyByName: true,
  async preflight() {
    return { version: await k6Version(requireK6(process.env)) };
  },
  keeps(plan, adapter) {
    const why = refusalOf(plan, adapter);
    return why === null ? { keeps: true } : { keeps: false, why };
  },
  open: (context) => openSession(context, requireK6(process.env)),
};
