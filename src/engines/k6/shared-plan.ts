import { BenchError } from '../../base/errors.ts';
import type { AdapterOptions, CallAdapter } from '../../model/adapter.ts';
import type { ClosedRows, Plan, PlannedStage, PlanRow } from '../../model/plan.ts';
import { draftStage, type PlacedStages, placeStages, type StageDraft } from './stage-script.ts';

/** A stage of a plan that several k6 processes send together. */
export interface SharedStage {
  name: string;
  /** Since the first stage began. */
  startMs: number;
  durationMs: number;
  /** null: it sends nothing. */
  draft: StageDraft | null;
}

function refused(stage: string, why: string): BenchError {
  return new BenchError('ENGINE_CANNOT_KEEP_PLAN', `Stage "${stage}" cannot be parted: ${why}.`, {
    hint: 'Change the stage, or leave it out with --only.',
  });
}

/** In the order of their numbers, as a counter over all processes gives them. */
function byNumber(rows: ClosedRows, drawn: readonly PlanRow[], rowsPerSlot: number): PlanRow[] {
  return Array.from({ length: rowsPerSlot * rows.slots }, (_, n) => {
    const slot = n % rows.slots;
    return drawn[slot * rowsPerSlot + Math.floor(n / rows.slots)];
  }).filter((row) => row !== undefined);
}

function draftShared(plan: Plan, planned: PlannedStage, startMs: number, runners: number): StageDraft | null {
  const { stage, refersTo, index } = planned;
  if (refersTo.length > 0) {
    throw refused(stage.name, 'its rate is a multiple of what another stage achieves, and no runner knows that');
  }
  const rows = plan.rows(index, new Map());
  if (rows === null) {
    return null;
  }
  const frame = { key: `s${index}`, startMs, durationMs: stage.durationMs };
  if (rows.model === 'open') {
    // A runner without a VU would drop its part of the rows.
    return draftStage({ ...rows, maxInFlight: Math.max(rows.maxInFlight, runners) }, frame);
  }
  const draft = draftStage(rows, frame);
  if (draft.stage.windows !== null) {
    throw refused(stage.name, 'its VUs come or go while it lasts, or it is shorter than 1 s');
  }
  if (draft.stage.take === 'counter') {
    return draft;
  }
  if (draft.stage.options.executor === 'per-vu-iterations' && rows.slots % runners !== 0) {
    throw refused(stage.name, `${rows.slots} VUs with a fixed number of requests each, over ${runners} runners`);
  }
  const inOrder = byNumber(rows, draft.rows, draft.stage.rowsPerSlot);
  return { ...draft, stage: { ...draft.stage, take: 'counter', rowsPerSlot: 0 }, rows: inOrder };
}

/**
 * A whole plan as one script: with an execution segment each of `runners` processes sends its stripe of every stage.
 * Throws ENGINE_CANNOT_KEEP_PLAN.
 */
export function sharePlan(plan: Plan, runners: number): SharedStage[] {
  let startMs = 0;
  return plan.stages.map((planned) => {
    const { name, durationMs } = planned.stage;
    const shared = { name, startMs, durationMs, draft: draftShared(plan, planned, startMs, runners) };
    startMs += durationMs;
    return shared;
  });
}

/** Throws ENGINE_CANNOT_KEEP_PLAN if one runner would hold too much. */
export function placeShared(
  stages: readonly SharedStage[],
  adapter: CallAdapter,
  options: AdapterOptions,
  runners: number,
): PlacedStages {
  const drafts = stages.map(({ draft }) => draft).filter((draft) => draft !== null);
  return placeStages(drafts, adapter, options, runners);
}
