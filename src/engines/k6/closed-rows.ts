import type { ClosedRows, PlanRow } from '../../model/plan.ts';

/** No k6 on one machine answers more often than this from one VU, so that so many rows are enough. */
const leastTurnMs = 1;
/** A stage has numbers for no more. */
const mostRows = 1_000_000;

/** The rows of a closed stage, drawn ahead: k6 takes them by itself. */
export type DrawnRows =
  /** By a counter that all VUs share. */
  | { take: 'counter'; isCounted: true; rows: readonly PlanRow[] }
  /** `rowsPerSlot` for each VU, one VU after the other. */
  | { take: 'slot'; isCounted: boolean; rows: readonly PlanRow[]; rowsPerSlot: number };

function drawSlot(rows: ClosedRows, slot: number, most: number): PlanRow[] {
  const drawn: PlanRow[] = [];
  for (let row = rows.draw(slot, 0); row !== null; row = rows.draw(slot, drawn.length)) {
    drawn.push(row);
    if (drawn.length === most) {
      break;
    }
  }
  return drawn;
}

/** A load whose first slot may take all there is shares its iterations; otherwise each slot has as many. */
export function drawRows(rows: ClosedRows, durationMs: number): DrawnRows {
  const byTime = Math.ceil(Math.max(1, durationMs) / Math.max(leastTurnMs, rows.thinkMs)) + 1;
  const most = Math.min(byTime, Math.floor(mostRows / Math.max(1, rows.slots)));
  const first = drawSlot(rows, 0, most);
  const isCounted = first.length < most;
  if (isCounted && rows.slots > 1) {
    const next = rows.draw(1, 0);
    if (next === null) {
      return { take: 'counter', isCounted, rows: first };
    }
    const rest = [next, ...Array.from({ length: first.length - 1 }, (_, turn) => rows.draw(1, turn + 1))];
    const others = Array.from({ length: rows.slots - 2 }, (_, slot) => drawSlot(rows, slot + 2, first.length));
    const all = [first, rest.filter((row) => row !== null), ...others].flat();
    return { take: 'slot', isCounted, rows: all, rowsPerSlot: first.length };
  }
  const others = Array.from({ length: rows.slots - 1 }, (_, slot) => drawSlot(rows, slot + 1, first.length));
  return { take: 'slot', isCounted, rows: [first, ...others].flat(), rowsPerSlot: first.length };
}
