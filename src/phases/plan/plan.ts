import { findById } from '../../base/by-id.ts';
import { canonicalJson, sha256Hex } from '../../base/digest.ts';
import { BenchError } from '../../base/errors.ts';
import { createRandom, type Random } from '../../base/random.ts';
import type { Corpus } from '../../model/corpus.ts';
import { profileHash } from '../../model/parse-profile.ts';
import type { ClosedSlots, Executor, Plan, PlannedStage, PlanRow, StageRows } from '../../model/plan.ts';
import type { Load, ResolvedProfile, Stage } from '../../model/profile.ts';
import { type ItemAt, itemOrder } from './items.ts';
import { type Achieved, ratesOf, refersTo, requestCount, resolveRate } from './rates.ts';

export { planSummary } from './summary.ts';

/** Room for the numbers of one stage; also more rows than anyone should hold in memory. */
export const seqPerStage = 1_000_000;
/** Draws of a stage that the hash covers; a closed stage has no last one. */
const hashedDraws = 10_000;

interface StageSource {
  planned: PlannedStage;
  executor: Executor;
  load: Load;
  itemAt: ItemAt;
  random: Random;
}

export interface CompileOptions {
  profile: ResolvedProfile;
  corpus: Corpus;
  executors: readonly Executor[];
}

function meanAudioSecondsOf(corpus: Corpus): number | null {
  let sum = 0;
  for (const item of corpus.items) {
    const seconds = item.traits['audioSeconds'];
    if (seconds === undefined) {
      return null;
    }
    sum += seconds;
  }
  return sum > 0 ? sum / corpus.items.length : null;
}

function refuseUnknownAudio(stage: Stage, corpus: Corpus): void {
  const needsAudio = ratesOf(stage.load).some(({ rate }) => typeof rate !== 'number' && rate.unit === 'audioSeconds');
  if (needsAudio && meanAudioSecondsOf(corpus) === null) {
    throw new BenchError(
      'PROFILE_INVALID',
      `Stage "${stage.name}" has a rate in audio-seconds, but not every item of corpus ${corpus.name} has a length.`,
      { hint: 'Write the rate in rps, or use a corpus of audio.' },
    );
  }
}

/** Requests that a load will have at most, up to chance; checked before they are made. */
function refuseTooMany(stage: Stage, load: Load, perSecond: (name: string) => number): void {
  const seconds = stage.durationMs / 1000;
  const rates = ratesOf(load).map(({ name }) => perSecond(name));
  const expected = requestCount(load) ?? Math.max(0, ...rates) * seconds;
  // The tail of a Poisson count stays far below one tenth.
  if (expected > seqPerStage * 0.9) {
    throw new BenchError(
      'PROFILE_INVALID',
      `Stage "${stage.name}" would send ${Math.round(expected)} requests, and a stage has room for ${seqPerStage * 0.9}.`,
      { hint: 'Lower the rate or shorten the stage.' },
    );
  }
}

/**
 * profile + corpus + seed
 *   for each stage: order of items -> rows now, or once the stages that its rates refer to have ended
 *   -> hash over all that is known before the run (PROTOCOL 3.4)
 */
export function compilePlan({ profile, corpus, executors }: CompileOptions): Plan {
  if (corpus.items.length === 0) {
    throw new BenchError('RECIPE_INVALID', `The corpus ${corpus.name} has no items.`, { hint: 'Raise its `count`.' });
  }
  const meanAudioSeconds = meanAudioSecondsOf(corpus);
  const seeded = createRandom(String(profile.seed));
  const stages = profile.stages.map((stage, index): PlannedStage => ({ index, stage, refersTo: refersTo(stage.load) }));
  const sources = stages.map((planned): StageSource | null => {
    const { stage } = planned;
    refuseUnknownAudio(stage, corpus);
    return stage.load === null
      ? null
      : {
          planned,
          load: stage.load,
          executor: findById('executor', executors, stage.load.executor),
          itemAt: itemOrder(stage.pick, corpus.items, seeded.fork(`items/${stage.name}`)),
          random: seeded.fork(`arrivals/${stage.name}`),
        };
  });
  const rates = (index: number, achieved: Achieved): { name: string; perSecond: number }[] =>
    ratesOf(stages[index]?.stage.load ?? null).map(({ name, rate }) => ({
      name,
      perSecond: resolveRate(rate, achieved, meanAudioSeconds),
    }));
  const rows = (index: number, achieved: Achieved): StageRows | null => {
    const source = sources[index] ?? null;
    if (source === null) {
      return null;
    }
    const resolved = rates(index, achieved);
    refuseTooMany(
      source.planned.stage,
      source.load,
      (name) => resolved.find((rate) => rate.name === name)?.perSecond ?? 0,
    );
    return rowsOf(source, (rate) => resolveRate(rate, achieved, meanAudioSeconds));
  };
  const hash = sha256Hex(
    canonicalJson({
      profile: profileHash(profile, corpus.digest),
      corpus: corpus.digest,
      stages: sources.map((source, index) => (source === null ? null : known(source, rows, index))),
    }),
  );
  return { hash, stages, rows, rates };
}

function rowsOf(source: StageSource, resolve: Parameters<typeof draftOf>[1]): StageRows {
  const { stage, index } = source.planned;
  const rowAt = (n: number): Pick<PlanRow, 'seq' | 'stage' | 'item' | 'timeoutMs' | 'client'> => ({
    seq: index * seqPerStage + n,
    stage: stage.name,
    item: source.itemAt(n),
    timeoutMs: stage.timeoutMs,
    client: stage.client,
  });
  const draft = draftOf(source, resolve);
  if (draft.model === 'closed') {
    return closedRows(draft, rowAt);
  }
  return {
    model: 'open',
    rows: draft.arrivalsMs.map((plannedMs, n) => ({ ...rowAt(n), plannedMs, slot: null })),
    maxInFlight: draft.maxInFlight,
  };
}

/** Shared iterations are numbered as they are drawn, since the faster slot takes more of them. */
function closedRows(
  draft: ClosedSlots,
  rowAt: (n: number) => Omit<PlanRow, 'plannedMs' | 'slot'>,
): Extract<StageRows, { model: 'closed' }> {
  const { slots, thinkMs, perSlot, inAll } = draft;
  let drawn = 0;
  return {
    model: 'closed',
    slots,
    thinkMs,
    window: (slot) => draft.window(slot),
    draw(slot, turn) {
      if ((perSlot !== null && turn >= perSlot) || (inAll !== null && drawn >= inAll)) {
        return null;
      }
      const row = { ...rowAt(inAll === null ? turn * slots + slot : drawn), plannedMs: null, slot };
      drawn += 1;
      return row;
    },
  };
}

function draftOf(
  { executor, load, random, planned }: StageSource,
  resolve: Parameters<Executor['draft']>[1]['resolveRate'],
): ReturnType<Executor['draft']> {
  // A fork begins anew each time: asking twice gives the same arrivals.
  return executor.draft(load, {
    random: random.fork('draft'),
    durationMs: planned.stage.durationMs,
    resolveRate: resolve,
  });
}

/** What the hash covers of a stage with a load. */
function known(
  source: StageSource,
  rows: (index: number, achieved: Achieved) => StageRows | null,
  index: number,
): object {
  const order = Array.from({ length: hashedDraws }, (_, n) => source.itemAt(n).id);
  const { client } = source.planned.stage;
  if (source.planned.refersTo.length > 0) {
    return { order, client };
  }
  const drafted = rows(index, new Map());
  if (drafted?.model !== 'open') {
    return { order, client, ...slotsKnown(source) };
  }
  return {
    order,
    client,
    maxInFlight: drafted.maxInFlight,
    rows: drafted.rows.map(({ seq, item, plannedMs, timeoutMs }) => [seq, item.id, plannedMs, timeoutMs]),
  };
}

/** Slots of a closed load have no rates, so that all of this is known before the run. */
function slotsKnown(source: StageSource): object {
  const draft = draftOf(source, noRate);
  if (draft.model === 'open') {
    return {};
  }
  const { slots, thinkMs, perSlot, inAll } = draft;
  const windows = Array.from({ length: slots }, (_, slot) => draft.window(slot));
  return { slots, thinkMs, perSlot, inAll, windows: windows.map(({ fromMs, toMs }) => [fromMs, toMs]) };
}

function noRate(): number {
  throw new Error('A closed load has asked for a rate.');
}
