import { median } from '../../base/statistics.ts';
import { formatBytes } from '../../base/units.ts';
import type { JudgedStep } from '../../computed/search-outcome.ts';
import {
  lullName,
  type StepPlace,
  stepDetail,
  stepFigures,
  stepName,
  verdictDetail,
} from '../../computed/search-steps.ts';
import type { Plan } from '../../model/plan.ts';
import type { CapacitySearch, ResolvedProfile } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import { type CompileStages, planOfStep, type SearchHooks, type StepOutcome } from './capacity-search.ts';
import { runStages, type StageLoop, untilDrained } from './stage-loop.ts';

/** Of a lull, its end: what is given back late belongs to the step before it. */
const settledShare = 1 / 3;

export interface LiveSearch {
  profile: ResolvedProfile;
  search: CapacitySearch;
  compile: CompileStages;
  loop: Omit<StageLoop, 'plan'>;
  /** Memory of the target as last read; null: not read, so that no step follows one that the guard stopped. */
  usedBytes(): number | null;
  /** The level of memory at which the guard stops; null: it does not, or no limit is known. */
  guardBytes(): number | null;
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
  /** What was read of memory in each step and in each lull, by the name of the stage. */
  readonly #read = new Map<string, { tMs: number; bytes: number }[]>();

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
      return { ...stepFigures([]), peakBytes: null, stopped: null, isInterrupted: true };
    }
    const plan = planOfStep(profile, search, place, compile);
    control.beginStep();
    const name = stepName(place.ordinal);
    this.#plan = plan;
    this.#records = [];
    recorder.event(clock.nowMs(), 'search_step', name, name, stepDetail(place, plan.hash));
    await runStages({ ...loop, plan: { ...plan, stages: plan.stages.slice(0, 1) } });
    const timeoutMs = plan.stages[0]?.stage.timeoutMs ?? 0;
    // What is still open belongs to this step, and would wait beside the next one.
    await untilDrained(session, clock, clock.nowMs() + timeoutMs, control.signal);
    control.endStep();
    return {
      ...stepFigures(this.#records),
      peakBytes: this.#peakOf(name),
      stopped: control.stepStop ?? (control.status === 'stopped' ? control.exitCause : null),
      isInterrupted: control.status === 'aborted',
    };
  }

  /** With each sample of the target. */
  observe(): void {
    const { loop, usedBytes } = this.#live;
    const bytes = usedBytes();
    const stage = this.#plan?.stages.find((one) => one.stage.name === loop.control.stageName)?.stage.name;
    if (stage !== undefined && bytes !== null) {
      this.#read.set(stage, [...(this.#read.get(stage) ?? []), { tMs: loop.clock.nowMs(), bytes }]);
    }
  }

  #peakOf(step: string): number | null {
    const read = this.#read.get(step) ?? [];
    return read.length === 0 ? null : Math.max(...read.map(({ bytes }) => bytes));
  }

  memory(): { usedBytes: number | null; guardBytes: number | null } {
    return { usedBytes: this.#live.usedBytes(), guardBytes: this.#live.guardBytes() };
  }

  endAfterStop(): void {
    const { control } = this.#live.loop;
    control.endSearch(control.stepStop ?? '');
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
    const goalBytes = best === null ? null : this.#peakOf(stepName(best.ordinal));
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

  async pause(place: StepPlace): Promise<number | null> {
    const plan = this.#plan;
    const { clock } = this.#live.loop;
    const startMs = clock.nowMs();
    if (plan !== null) {
      await runStages({ ...this.#live.loop, plan: { ...plan, stages: plan.stages.slice(1) } });
    }
    const settledMs = clock.nowMs() - settledShare * (clock.nowMs() - startMs);
    const read = (this.#read.get(lullName(place.ordinal)) ?? []).filter(({ tMs }) => tMs >= settledMs);
    return median(read.map(({ bytes }) => bytes));
  }
}
