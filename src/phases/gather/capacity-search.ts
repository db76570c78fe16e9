import { formatBytes, formatDuration, formatRate, formatShare } from '../../base/units.ts';
import { highestKept, type JudgedStep, lowestBroken, rises } from '../../computed/search-outcome.ts';
import {
  type StepFigures,
  type StepPlace,
  stagesOfStep,
  stepDetail,
  stepFigures,
  stepName,
  verdictDetail,
} from '../../computed/search-steps.ts';
import type { Plan } from '../../model/plan.ts';
import type { CapacitySearch, ResolvedProfile, Stage } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import { seqPerStage } from '../plan/plan.ts';
import { nextVus } from '../plan/search.ts';
import { runStages, type StageLoop, untilDrained } from './stage-loop.ts';

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
  /** Before the pause, so that a verdict is on the disk however the run ends. */
  onVerdict(step: StepPlace & JudgedStep): void;
  /**
   * After a step that the guard stopped: waits until the target may be loaded again, with less. `why` says in words
   * how that came out. `best` null: no step was kept, and nothing lies between.
   */
  recover(best: (StepPlace & JudgedStep) | null): Promise<{ goesOn: boolean; why: string }>;
  /** The pause after a step that another one may follow. */
  pause(place: StepPlace): Promise<void>;
}

/**
 * decide -> step -> bounds -> verdict -> lull -+
 *   ^------------------------------------------+   until the answer is close, or the load was ended
 *   ^- recover <- stopped by the guard: only what lies below that step is tried
 */
export async function searchCapacity(search: CapacitySearch, hooks: SearchHooks): Promise<void> {
  const steps: (RunStep & JudgedStep)[] = [];
  for (let decision = decide(search, steps); decision.go === 'on'; decision = decide(search, steps)) {
    const place = { ordinal: steps.length + 1, vus: decision.vus };
    const outcome = { ...place, ...(await hooks.runStep(place)) };
    if (outcome.isInterrupted) {
      return;
    }
    const best = highestKept(steps);
    const step = { ...outcome, ...verdictOf(search, outcome, best) };
    const recovery = step.verdict === 'stopped' ? await hooks.recover(best) : null;
    if (recovery !== null) {
      step.why = `${step.why}; ${recovery.why}`;
    }
    steps.push(step);
    hooks.onVerdict(step);
    if (recovery?.goesOn === false) {
      return;
    }
    await hooks.pause(place);
  }
}

/** Compiles stages with the corpus, the seed and the identity of the profile. */
export type CompileStages = (stages: readonly Stage[]) => Plan;

/** The plan of one step, with the numbers of its rows above those of all stages and steps before it. */
export function planOfStep(
  profile: ResolvedProfile,
  search: CapacitySearch,
  place: StepPlace,
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

export interface LiveSearch {
  profile: ResolvedProfile;
  search: CapacitySearch;
  compile: CompileStages;
  loop: Omit<StageLoop, 'plan'>;
  /** Memory of the target as last read; null: not read, so that no step follows one that the guard stopped. */
  usedBytes(): number | null;
  /** Makes engine and guard ready for another step; null: this engine cannot begin again. */
  restart: (() => Promise<void>) | null;
}

/** Memory that has come so close to a level has come back to it. */
const backRatio = 1.05;
/** Collectors and pools give back after seconds. */
const shortestReturnMs = 10_000;
const lookEveryMs = 100;
/** A kill is noticed a little after what caused it. */
const noticeMs = 2000;

/** The search of a run: its steps are stages like others, and what it decides is in the events. */
export class SearchRunner implements SearchHooks {
  readonly #live: LiveSearch;
  #plan: Plan | null = null;
  #records: RequestRecord[] = [];
  /** Highest memory that was read in each step, by its name. */
  readonly #peaks = new Map<string, number>();

  constructor(live: LiveSearch) {
    this.#live = live;
  }

  /** A request that has ended; of the stages before the search too. */
  request(record: RequestRecord): void {
    if (record.stage === this.#plan?.stages[0]?.stage.name) {
      this.#records.push(record);
    }
  }

  async runStep(place: StepPlace): Promise<StepOutcome> {
    const { profile, search, compile, loop } = this.#live;
    const { clock, control, recorder, session } = loop;
    if (control.hasEnded) {
      return { ...stepFigures([]), stopped: null, isInterrupted: true };
    }
    const plan = planOfStep(profile, search, place, compile);
    control.beginStep();
    const name = stepName(place.ordinal);
    this.#plan = plan;
    this.#records = [];
    recorder.event(clock.nowMs(), 'search_step', name, name, stepDetail(place.vus, plan.hash));
    await runStages({ ...loop, plan: { ...plan, stages: plan.stages.slice(0, 1) } });
    const timeoutMs = plan.stages[0]?.stage.timeoutMs ?? 0;
    // What is still open belongs to this step, and would wait beside the next one.
    await untilDrained(session, clock, clock.nowMs() + timeoutMs, control.signal);
    control.endStep();
    return {
      ...stepFigures(this.#records),
      stopped: control.stepStop ?? (control.status === 'stopped' ? control.exitCause : null),
      isInterrupted: control.status === 'aborted',
    };
  }

  /** With each sample of the target. */
  observe(): void {
    const name = this.#plan?.stages[0]?.stage.name;
    const bytes = this.#live.usedBytes();
    if (name !== undefined && bytes !== null && this.#live.loop.control.stageName === name) {
      this.#peaks.set(name, Math.max(bytes, this.#peaks.get(name) ?? 0));
    }
  }

  async recover(best: (StepPlace & JudgedStep) | null): Promise<{ goesOn: boolean; why: string }> {
    const { control } = this.#live.loop;
    const why = await this.#whyNotAgain(best);
    if (why === null) {
      await this.#live.restart?.();
      return { goesOn: true, why: 'memory came back, and the search went on below' };
    }
    control.endSearch(control.stepStop ?? '');
    return { goesOn: false, why: `the search ended there, since ${why}` };
  }

  async #whyNotAgain(best: (StepPlace & JudgedStep) | null): Promise<string | null> {
    const { loop, search, restart, usedBytes } = this.#live;
    const { clock, control } = loop;
    const goalBytes = best === null ? null : (this.#peaks.get(stepName(best.ordinal)) ?? null);
    const ended = (): string | null =>
      control.targetLost !== null
        ? `the target was lost: ${control.targetLost}`
        : control.hasEnded
          ? 'the run was stopped'
          : null;
    const endedWhy = ended();
    if (endedWhy !== null) {
      return endedWhy;
    }
    if (restart === null) {
      return 'this engine cannot begin again';
    }
    if (best === null || goalBytes === null) {
      return best === null ? 'no lower step was kept' : 'memory was not read in the best step';
    }
    const endMs = clock.nowMs() + Math.max(shortestReturnMs, search.lullMs);
    const isBack = (): boolean => (usedBytes() ?? Number.POSITIVE_INFINITY) <= backRatio * goalBytes;
    const isOver = (): boolean => ended() !== null || clock.nowMs() >= endMs;
    // One look at the least: a kill is noticed a little after the stop.
    do {
      await clock.sleepUntil(clock.nowMs() + (isBack() ? noticeMs : lookEveryMs), control.signal);
    } while (!isBack() && !isOver());
    return isBack()
      ? ended()
      : (ended() ??
          `memory stayed at ${formatBytes(usedBytes())}, above the ${formatBytes(goalBytes)} of ${best.vus} at once`);
  }

  onVerdict(step: StepPlace & JudgedStep): void {
    const { clock, recorder } = this.#live.loop;
    const name = stepName(step.ordinal);
    recorder.event(clock.nowMs(), 'search_verdict', name, name, verdictDetail(step));
  }

  async pause(): Promise<void> {
    const plan = this.#plan;
    if (plan !== null) {
      await runStages({ ...this.#live.loop, plan: { ...plan, stages: plan.stages.slice(1) } });
    }
  }
}
