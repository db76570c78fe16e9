import type { Clock } from '../../base/clock.ts';
import { inFlight, stepAt } from '../../computed/in-flight.ts';
import { answered, latency } from '../../computed/latency.ts';
import { rateIn } from '../../computed/rates.ts';
import { searchOutcome } from '../../computed/search-outcome.ts';
import { searchSteps, stepDetail, stepFigures, stepName, verdictDetail } from '../../computed/search-steps.ts';
import { between, maximum } from '../../computed/series.ts';
import type { Adapter } from '../../model/adapter.ts';
import type { RunEvent, Series } from '../../model/artifacts.ts';
import type { Corpus } from '../../model/corpus.ts';
import type { EngineSession, LoadEngine } from '../../model/engine.ts';
import type { Plan, PlannedStage, StageAchievement } from '../../model/plan.ts';
import type { ResolvedProfile, Stage, StageKind } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { SearchResult } from '../../model/search.ts';
import { achievementOf } from './achievement.ts';
import { type CompileStages, planOfStep, searchCapacity } from './capacity-search.ts';
import { StageSender } from './send-stage.ts';
import { untilDrained } from './stage-loop.ts';

/** What is still open after the last stage may end. */
const gracefulEndMs = 5000;

/** What a stage would do to the declared server. Rates are null for a stage without load. */
export interface SimulatedStage {
  name: string;
  kind: StageKind;
  durationMs: number;
  offeredPerSecond: number | null;
  achievedPerSecond: number | null;
  mostInFlight: number;
  planned: number;
  answered: number;
  dropped: number;
  timeouts: number;
  cancelled: number;
  p95Ms: number | null;
}

export interface Simulation {
  stages: readonly SimulatedStage[];
  /** Stages whose rates refer to one that was not answered at all. */
  skipped: readonly string[];
  search: SearchResult | null;
}

export interface SimulateOptions {
  profile: ResolvedProfile;
  corpus: Corpus;
  plan: Plan;
  compile: CompileStages;
  adapter: Adapter;
  /** One that sends nothing. */
  engine: LoadEngine;
  /** A virtual one, or the simulation takes as long as the run. */
  clock: Clock;
}

interface Window {
  stage: Stage;
  startMs: number;
  endMs: number;
}

/** The stage loop of a run without its files, its sampler and its guard. */
class SimulatedRun {
  readonly #options: SimulateOptions;
  readonly #session: EngineSession;
  readonly #sender: StageSender;
  readonly #never = new AbortController().signal;
  readonly #achieved = new Map<string, StageAchievement>();
  readonly #audioSecondsOf: ReadonlyMap<string, number>;
  readonly records: RequestRecord[] = [];
  readonly windows: Window[] = [];
  readonly events: RunEvent[] = [];
  readonly skipped: string[] = [];

  constructor(options: SimulateOptions) {
    const { clock, corpus } = options;
    this.#options = options;
    this.#audioSecondsOf = new Map(corpus.items.map((item) => [item.id, item.traits['audioSeconds'] ?? 0]));
    this.#session = options.engine.open({
      url: new URL('http://127.0.0.1/'),
      adapter: options.adapter,
      adapterOptions: { model: '', check: 'auto', path: null, stream: false, template: null },
      headers: {},
      clock,
      tlsAuthorities: null,
      folder: '',
      onRecord: (record) => this.records.push(record),
    });
    const { records } = this;
    this.#sender = new StageSender({
      session: this.#session,
      recorder: {
        get recorded() {
          return records.length;
        },
      },
      clock,
      control: { signal: this.#never },
    });
  }

  async stages(plan: Plan, planned: readonly PlannedStage[]): Promise<void> {
    for (const one of planned) {
      if (one.refersTo.every((name) => this.#achieved.has(name))) {
        await this.#stage(plan, one);
      } else {
        this.skipped.push(one.stage.name);
      }
    }
  }

  async #stage(plan: Plan, { index, stage }: PlannedStage): Promise<void> {
    const { clock } = this.#options;
    const rows = plan.rows(index, this.#achieved);
    const startMs = clock.nowMs();
    if (rows !== null) {
      await this.#sender.send(stage, rows, startMs);
    } else if (stage.kind === 'cooldown') {
      await untilDrained(this.#session, clock, startMs + stage.durationMs, this.#never);
    } else {
      await clock.sleepUntil(startMs + stage.durationMs);
    }
    const window = { stage, startMs, endMs: clock.nowMs() };
    this.windows.push(window);
    const completions = answered(this.#recordsOf(stage.name)).map(({ endMs, itemId }) => ({
      endMs,
      audioSeconds: this.#audioSecondsOf.get(itemId) ?? 0,
    }));
    const achievement = achievementOf(completions, window.startMs, window.endMs);
    if (achievement !== null) {
      this.#achieved.set(stage.name, achievement);
    }
  }

  async search(): Promise<void> {
    const { clock, profile, compile } = this.#options;
    const { search } = profile;
    if (search === null) {
      return;
    }
    await searchCapacity(search, {
      runStep: async (place) => {
        const name = stepName(place.ordinal);
        const plan = planOfStep(profile, search, place, compile);
        this.#event('search_step', name, stepDetail(place, plan.hash));
        await this.stages(plan, plan.stages.slice(0, 1));
        this.#event('stage_end', name, '');
        await this.drain(plan.stages[0]?.stage.timeoutMs ?? 0);
        return { ...stepFigures(this.#recordsOf(name)), peakBytes: null, stopped: null, isInterrupted: false };
      },
      recover: () => Promise.resolve({ goesOn: false, why: 'nothing is guarded here' }),
      onVerdict: (step) => this.#event('search_verdict', stepName(step.ordinal), verdictDetail(step)),
      endAfterStop: () => undefined,
      async pause() {
        await clock.sleepUntil(clock.nowMs() + search.lullMs);
        return null;
      },
      memory: () => ({ usedBytes: null, guardBytes: null }),
    });
  }

  async drain(longestMs: number): Promise<void> {
    const { clock } = this.#options;
    await untilDrained(this.#session, clock, clock.nowMs() + longestMs, this.#never);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #recordsOf(stage: string): RequestRecord[] {
    return this.records.filter((record) => record.stage === stage);
  }

  #event(kind: RunEvent['kind'], subject: string, detail: string): void {
    this.events.push({ tMs: this.#options.clock.nowMs(), kind, stage: subject, subject, detail });
  }
}

function stageOf({ stage, startMs, endMs }: Window, records: readonly RequestRecord[], open: Series): SimulatedStage {
  const own = records.filter((record) => record.stage === stage.name);
  const count = (outcome: RequestRecord['outcome']): number =>
    own.filter((record) => record.outcome === outcome).length;
  const rate = (timesMs: readonly number[]): number | null =>
    stage.load === null ? null : rateIn(timesMs, startMs, endMs);
  return {
    name: stage.name,
    kind: stage.kind,
    durationMs: endMs - startMs,
    offeredPerSecond: rate(own.map((record) => record.plannedMs)),
    // As in a result: every answer that ends in the stage, whichever stage sent it.
    achievedPerSecond: rate(answered(records).map((record) => record.endMs)),
    mostInFlight: Math.max(stepAt(open, startMs), maximum(between(open, startMs, endMs))?.value ?? 0),
    planned: own.length,
    answered: count('ok'),
    dropped: count('dropped'),
    timeouts: count('timeout'),
    cancelled: count('cancelled'),
    p95Ms: latency(own).p95,
  };
}

/** plan -> simulated engine on its clock -> records -> what each stage, and each step of a search, came to */
export async function simulatePlan(options: SimulateOptions): Promise<Simulation> {
  const run = new SimulatedRun(options);
  await run.stages(options.plan, options.plan.stages);
  await run.search();
  await run.drain(gracefulEndMs);
  await run.close();
  const open = inFlight(run.records);
  return {
    stages: run.windows.map((window) => stageOf(window, run.records, open)),
    skipped: run.skipped,
    search: searchOutcome(options.profile, searchSteps(run.records, run.events)),
  };
}
