import { formatDuration, formatRate, formatShare } from '../../base/units.ts';
import { highestKept, type JudgedStep, lowestBroken, rises } from '../../computed/search-outcome.ts';
import {
  firstTimes,
  mostRepeatsOfOne,
  repeatState,
  repeatsOf,
  roseEachTime,
  type StepMemory,
} from '../../computed/search-repeat.ts';
import { type StepFigures, type StepPlace, stagesOfStep, stepName } from '../../computed/search-steps.ts';
import type { Plan } from '../../model/plan.ts';
import type { CapacitySearch, ResolvedProfile, Stage } from '../../model/profile.ts';
import { seqPerStage } from '../plan/plan.ts';
import { nextVus } from '../plan/search.ts';

/** Between a step that kept its bounds and one that broke them no finer answer is looked for. */
const closeFactor = 1.25;
/** Stages of one step: its load and its lull. */
const stagesPerStep = 2;

export type Decision = { go: 'on'; vus: number } | { go: 'end' };

/** Up by the factor until a step breaks, then the middle between it and the best below, until they are close (PROTOCOL 3.8). */
export function decide(search: CapacitySearch, steps: readonly JudgedStep[]): Decision {
  const end: Decision = { go: 'end' };
  if (steps.some(({ verdict }) => verdict === 'unfinished')) {
    return end;
  }
  const kept = highestKept(steps);
  const broken = lowestBroken(steps);
  if (broken === null) {
    const vus = kept === null ? search.fromVus : nextVus(search, kept.vus);
    return kept !== null && kept.vus >= search.toVus ? end : { go: 'on', vus };
  }
  const isClose = kept === null || broken.vus <= kept.vus * closeFactor || broken.vus - kept.vus <= 1;
  return isClose ? end : { go: 'on', vus: Math.floor((kept.vus + broken.vus) / 2) };
}

/** What a step came to; `stopped` not null: the load was stopped in it, by the guard or by a condition. */
export interface StepOutcome extends StepFigures {
  /** Highest memory that was read in it; null: none was. */
  peakBytes: number | null;
  stopped: string | null;
  /** The run was ended by a signal, which says nothing of the step. */
  isInterrupted: boolean;
}

type RunStep = StepOutcome & StepPlace;

/** The first bound that broke, in words; null if none did. `before`: the best step of fewer VUs. */
export function breakOf(
  search: CapacitySearch,
  step: Pick<RunStep, 'vus' | keyof StepFigures>,
  before: Pick<RunStep, 'vus' | 'achievedPerSecond'> | null,
): string | null {
  const { p95Ms, errorRatio, achievedPerSecond } = step;
  if (step.answered === 0) {
    return 'nothing was answered';
  }
  if (errorRatio !== null && errorRatio > search.errorRatio) {
    return `${formatShare(errorRatio)} of the requests failed (at most ${formatShare(search.errorRatio)})`;
  }
  if (search.p95Ms !== null && p95Ms !== null && p95Ms > search.p95Ms) {
    return `the p95 is ${formatDuration(p95Ms)} (at most ${formatDuration(search.p95Ms)})`;
  }
  return before !== null && !rises(before, step)
    ? `${formatRate(achievedPerSecond)} is hardly more than the ${formatRate(before.achievedPerSecond)} of ${before.vus} at once`
    : null;
}

function verdictOf(search: CapacitySearch, step: RunStep, before: RunStep | null): Pick<JudgedStep, 'verdict' | 'why'> {
  if (step.stopped !== null) {
    return { verdict: 'stopped', why: step.stopped };
  }
  const why = breakOf(search, step, before);
  return why === null ? { verdict: 'kept', why: '' } : { verdict: 'broke', why };
}

export interface SearchHooks {
  /** Resolves once every request of the step has ended. */
  runStep(place: StepPlace): Promise<StepOutcome>;
  /** Of a first step before its pause, so that a verdict is on the disk however the run ends; of a repeat after it. */
  onVerdict(step: StepPlace & JudgedStep): void;
  /**
   * After a step that the guard stopped: waits until the target may be loaded again, with less. `why` says in words
   * how that came out. `best` null: no step was kept, and nothing lies between.
   */
  recover(best: (StepPlace & JudgedStep) | null): Promise<{ goesOn: boolean; why: string }>;
  /** The guard stopped the repeat of a step that had been kept: there is nothing left to look for. */
  endAfterStop(): void;
  /** The pause after a step; what memory settled at in it, null where it was not read. */
  pause(place: StepPlace): Promise<number | null>;
  /** Memory before the first step, and the level at which the guard stops; null where either is not known. */
  memory(): { usedBytes: number | null; guardBytes: number | null };
}

interface DoneStep extends RunStep, JudgedStep, StepMemory {
  name: string;
}

/**
 * The step to be repeated before anything else (PROTOCOL 3.8): the best one, once nothing is left to try or the next
 * step may end the search. null: none, since it is confirmed, or there is none.
 */
export function stepToRepeat<S extends JudgedStep & { name: string; repeats: string | null }>(
  steps: readonly S[],
  { isLast, mayMeetGuard }: { isLast: boolean; mayMeetGuard: boolean },
): S | null {
  const best = highestKept(firstTimes(steps));
  if (best === null || steps.some(({ verdict }) => verdict === 'unfinished')) {
    return null;
  }
  const repeats = repeatsOf(steps, best.name);
  const mayBegin = isLast || (mayMeetGuard && steps.length - firstTimes(steps).length <= mostRepeatsOfOne);
  return repeatState(repeats) === 'open' && (repeats.length > 0 || mayBegin) ? best : null;
}

/** A step that a line takes so near to the guard may meet it: memory is read now and then, and lines bend. */
const nearGuard = 0.8;

/** Whether the steeper of two lines comes near `guardBytes` at `vus`: through the best two steps, and from the start. */
export function mayMeetGuard(
  steps: readonly Pick<DoneStep, 'vus' | 'verdict' | 'why' | 'peakBytes'>[],
  vus: number,
  { usedBytes, guardBytes }: ReturnType<SearchHooks['memory']>,
): boolean {
  const best = highestKept(steps);
  const below = highestKept(steps.filter((step) => step.vus < (best?.vus ?? 0)));
  if (best?.peakBytes == null || usedBytes === null || guardBytes === null) {
    return false;
  }
  const { vus: reached, peakBytes } = best;
  const fromStart = (peakBytes - usedBytes) / reached;
  const fromBelow = below?.peakBytes == null ? fromStart : (peakBytes - below.peakBytes) / (reached - below.vus);
  return peakBytes + Math.max(0, fromStart, fromBelow) * (vus - reached) >= nearGuard * guardBytes;
}

/** A repeat keeps the bounds too, and memory does not rise with each. */
function verdictOfRepeat(step: DoneStep, before: readonly DoneStep[]): Pick<JudgedStep, 'verdict' | 'why'> {
  const rise = step.verdict === 'kept' ? roseEachTime(before, step) : null;
  return rise === null ? step : { verdict: 'broke', why: rise };
}

/**
 * decide -> step -> bounds -> verdict -> lull -+
 *   ^------------------------------------------+   until the answer is close, or the load was ended
 *   ^- recover <- stopped by the guard: only what lies below that step is tried
 *   ^- repeat  <- the answer is close, or the next step may meet the guard: is the best number safe, or held once?
 */
export async function searchCapacity(search: CapacitySearch, hooks: SearchHooks): Promise<void> {
  const steps: DoneStep[] = [];
  const atStart = hooks.memory();
  for (;;) {
    const first = firstTimes(steps);
    const decision = decide(search, first);
    const isLast = decision.go === 'end';
    const again = stepToRepeat(steps, { isLast, mayMeetGuard: !isLast && mayMeetGuard(first, decision.vus, atStart) });
    if (again === null && (isLast || isRefuted(steps))) {
      return;
    }
    const ordinal = steps.length + 1;
    const place = { ordinal, vus: again?.vus ?? (isLast ? 0 : decision.vus), repeats: again?.name ?? null };
    const outcome = { ...place, ...(await hooks.runStep(place)) };
    if (outcome.isInterrupted) {
      return;
    }
    const best = highestKept(first);
    const bounds = verdictOf(search, outcome, again === null ? best : null);
    const step: DoneStep = { ...outcome, ...bounds, name: stepName(ordinal), floorBytes: null };
    const goesOn = again === null ? await endFirst(step, best, hooks) : await endRepeat(step, steps, hooks);
    steps.push(step);
    if (!goesOn) {
      return;
    }
  }
}

function isRefuted(steps: readonly DoneStep[]): boolean {
  return steps.some(
    ({ name }) => repeatsOf(steps, name).length > 0 && repeatState(repeatsOf(steps, name)) === 'refuted',
  );
}

async function endFirst(step: DoneStep, best: DoneStep | null, hooks: SearchHooks): Promise<boolean> {
  const recovery = step.verdict === 'stopped' ? await hooks.recover(best) : null;
  if (recovery !== null) {
    step.why = `${step.why}; ${recovery.why}`;
  }
  hooks.onVerdict(step);
  if (recovery?.goesOn === false) {
    return false;
  }
  step.floorBytes = await hooks.pause(step);
  return true;
}

async function endRepeat(step: DoneStep, before: readonly DoneStep[], hooks: SearchHooks): Promise<boolean> {
  if (step.verdict === 'stopped') {
    hooks.onVerdict(step);
    hooks.endAfterStop();
    return false;
  }
  step.floorBytes = await hooks.pause(step);
  Object.assign(step, verdictOfRepeat(step, before));
  hooks.onVerdict(step);
  return true;
}

/** Compiles stages with the corpus, the seed and the identity of the profile. */
export type CompileStages = (stages: readonly Stage[]) => Plan;

/** The plan of one step, with the numbers of its rows above those of all stages and steps before it. */
export function planOfStep(
  profile: ResolvedProfile,
  search: CapacitySearch,
  place: Pick<StepPlace, 'ordinal' | 'vus'>,
  compile: CompileStages,
): Plan {
  const plan = compile(stagesOfStep(profile, search, place));
  const first = profile.stages.length + (place.ordinal - 1) * stagesPerStep;
  return {
    hash: plan.hash,
    stages: plan.stages.map((planned) => ({ ...planned, index: planned.index + first })),
    rates: (index, achieved) => plan.rates(index - first, achieved),
    rows(index, achieved) {
      const rows = plan.rows(index - first, achieved);
      if (rows?.model !== 'closed') {
        return rows;
      }
      const draw: typeof rows.draw = (slot, turn) => {
        const row = rows.draw(slot, turn);
        return row === null ? null : { ...row, seq: row.seq + first * seqPerStage };
      };
      return { ...rows, draw };
    },
  };
}
