import type { ClosedRows, OpenRows, Plan, PlanRow, StageRows } from '../../model/plan.ts';

/** Which of how many processes, counted from 0, that send one plan together. */
interface Share {
  index: number;
  count: number;
}

/**
 * The part of a plan that one of `count` processes sends, striped as k6's execution segments are. Row n of an open
 * stage belongs to segment n mod count, slot n of a closed one likewise, and shared iterations in the order in which
 * they are numbered. All segments together are the plan: the same rows, each once, by the same numbers, and the same
 * hash (PROTOCOL 3.9). A stage in which a segment has no part has no rows for it.
 */
export function segmentOf(plan: Plan, index: number, count: number): Plan {
  if (!Number.isInteger(count) || !Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`Segment ${index} of ${count} is none.`);
  }
  return {
    hash: plan.hash,
    stages: plan.stages,
    rates: (stage, achieved) => plan.rates(stage, achieved),
    rows(stage, achieved) {
      const rows = plan.rows(stage, achieved);
      const isShared = plan.stages[stage]?.stage.load?.executor === 'shared-iterations';
      return rows === null ? null : partOf(rows, { index, count }, isShared);
    },
  };
}

function partOf(rows: StageRows, share: Share, isShared: boolean): StageRows | null {
  if (rows.model === 'open') {
    return openPart(rows, share);
  }
  // Iterations of a segment without a slot would be sent by nobody, so only those with slots share them.
  const count = Math.min(share.count, rows.slots);
  return share.index < count ? closedPart(rows, { index: share.index, count }, isShared) : null;
}

/** Parts of a whole that differ by one at most and add up to it. */
function partCount(whole: number, { index, count }: Share): number {
  return Math.floor(whole / count) + (index < whole % count ? 1 : 0);
}

function openPart({ rows, maxInFlight }: OpenRows, share: Share): OpenRows {
  return {
    model: 'open',
    rows: rows.filter((_, n) => n % share.count === share.index),
    // One each at least: a segment that may have none in flight would drop all its rows.
    maxInFlight: Math.max(1, partCount(maxInFlight, share)),
  };
}

function closedPart(rows: ClosedRows, share: Share, isShared: boolean): ClosedRows {
  const slotOf = (local: number): number => local * share.count + share.index;
  const draw = isShared ? stripedDraw(rows, share) : rows.draw.bind(rows);
  return {
    model: 'closed',
    slots: partCount(rows.slots, share),
    thinkMs: rows.thinkMs,
    window: (local) => rows.window(slotOf(local)),
    draw: (local, turn) => draw(slotOf(local), turn),
  };
}

/** Every process numbers all shared iterations by itself, and passes over those of the others. */
function stripedDraw(rows: ClosedRows, { index, count }: Share): ClosedRows['draw'] {
  let passed = 0;
  const next = (slot: number, turn: number): PlanRow | null => {
    passed += 1;
    return rows.draw(slot, turn);
  };
  return (slot, turn) => {
    while (passed % count !== index) {
      if (next(slot, turn) === null) {
        return null;
      }
    }
    return next(slot, turn);
  };
}
