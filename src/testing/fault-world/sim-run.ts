import type { Clock } from '../../base/clock.ts';
import { createRandom } from '../../base/random.ts';
import { type VirtualClock, virtualClock } from '../../base/virtual-clock.ts';
import { pacedSession } from '../../engines/native/session.ts';
import { executors } from '../../executors/index.ts';
import type { ItemTraits, RunEvent } from '../../model/artifacts.ts';
import type { Corpus, CorpusItem } from '../../model/corpus.ts';
import type { EngineSession } from '../../model/engine.ts';
import type { Plan, PlannedStage, StageAchievement } from '../../model/plan.ts';
import type { ResolvedProfile, Stage } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { GatheredRun } from '../../model/samples.ts';
import { achievementOf } from '../../phases/gather/achievement.ts';
import { StageSender } from '../../phases/gather/send-stage.ts';
import { untilDrained } from '../../phases/gather/stage-loop.ts';
import { compilePlan } from '../../phases/plan/plan.ts';
import type { KnobValues } from '../../reference-server/knobs.ts';
import { record } from '../build.ts';
import { manifest } from '../build-manifest.ts';
import { anyOptions, rawAdapter } from '../contract-rows.ts';
import { SimHost, type SimHostSize, type SimProcess } from './sim-host.ts';
import { SimSampler } from './sim-sampler.ts';
import { SimExchange, type SimTarget } from './sim-sender.ts';
import type { StartSimService } from './sim-service.ts';

/** What is still open after the last stage may end, and how long a dead target is watched. */
const gracefulEndMs = 5000;
const watchDeadMs = 3000;

export interface SimRunOptions {
  profile: ResolvedProfile;
  corpus: Corpus;
  knobs: KnobValues;
  start: StartSimService;
  size: SimHostSize;
  seed: number;
}

/** What was gathered, and when the kernel first killed; null: it did not. */
export interface SimRun {
  run: GatheredRun;
  firstKillMs: number | null;
}

function traitsOf({ bytes, traits }: CorpusItem): ItemTraits {
  return { bytes, audioSeconds: traits['audioSeconds'] ?? null, pixels: traits['pixels'] ?? null };
}

/**
 * profile -> plan -> sessions on a virtual clock -> service by its knobs on a modelled host
 *                                                -> what the probes would have seen of it
 */
class SimWorld {
  readonly #options: SimRunOptions;
  readonly #clock: VirtualClock = virtualClock();
  readonly #host: SimHost;
  readonly #target: SimTarget;
  readonly #session: EngineSession;
  readonly #sampler: SimSampler;
  readonly #sender: StageSender;
  readonly #ended = new AbortController();
  readonly #achieved = new Map<string, StageAchievement>();
  readonly #records: RequestRecord[] = [];
  readonly #neighbour: RequestRecord[] = [];
  readonly #events: RunEvent[] = [];
  #stage: Stage | null = null;
  #isOver = false;

  constructor(options: SimRunOptions) {
    this.#options = options;
    const { profile, knobs, size } = options;
    const random = createRandom(`fault-world/${options.seed}`);
    this.#host = new SimHost(this.#clock, size);
    const service = options.start({ clock: this.#serviceClock(), random, host: this.#host, knobs });
    const isDead = (): boolean => this.#host.root?.isGone === true;
    const target: SimTarget = { service, isDead, open: new Set() };
    this.#target = target;
    const inService = this.#host.onKill;
    this.#host.onKill = (victim) => (victim.isRoot ? this.#die(victim) : inService(victim));
    const context = {
      url: new URL('http://127.0.0.1:9/'),
      adapter: rawAdapter,
      adapterOptions: anyOptions,
      headers: {},
      clock: this.#clock,
      tlsAuthorities: null,
      folder: '',
      onRecord: (one: RequestRecord) => this.#records.push(one),
    };
    this.#session = pacedSession(context, {
      begin: (attempt, onEnd) => new SimExchange(attempt, this.#clock, target, (one) => onEnd(one, null)),
      close: () => undefined,
    });
    this.#sampler = new SimSampler({
      clock: this.#clock,
      random,
      host: this.#host,
      target,
      intervalMs: profile.sampleIntervalMs,
      stage: () => ({
        name: this.#stage?.name ?? '',
        isSilent: this.#stage?.kind === 'silence',
        isLoaded: this.#session.inFlight() > 0,
      }),
      board: () => {
        const reserved = service.reserved();
        return reserved === null ? null : { reserved, waiting: this.#session.inFlight() - reserved };
      },
    });
    const records = this.#records;
    this.#sender = new StageSender({
      session: this.#session,
      recorder: {
        get recorded() {
          return records.length;
        },
      },
      clock: this.#clock,
      control: { signal: this.#ended.signal },
    });
  }

  async run(plan: Plan): Promise<SimRun> {
    const sampling = this.#sampler.run();
    const { neighbour } = this.#options.profile;
    const asking = neighbour === null ? Promise.resolve() : this.#askNeighbour(neighbour.everyMs);
    for (const planned of plan.stages) {
      const { name } = planned.stage;
      if (this.#ended.signal.aborted || !planned.refersTo.every((other) => this.#achieved.has(other))) {
        this.#event('stage_skipped', name, 'the run had been stopped');
      } else {
        await this.#runStage(plan, planned);
      }
    }
    await (this.#ended.signal.aborted
      ? this.#clock.sleepUntil(this.#clock.nowMs() + watchDeadMs)
      : untilDrained(this.#session, this.#clock, this.#clock.nowMs() + gracefulEndMs, this.#ended.signal));
    this.#ended.abort();
    await this.#session.close();
    this.#sampler.stop();
    await asking;
    this.#isOver = true;
    const endMs = this.#clock.nowMs();
    this.#event('run_end', '', '');
    await sampling;
    return { run: this.#gathered(plan, endMs), firstKillMs: this.#host.firstKillMs };
  }

  async #runStage(plan: Plan, { index, stage }: PlannedStage): Promise<void> {
    const rows = plan.rows(index, this.#achieved);
    const startMs = this.#clock.nowMs();
    const { signal } = this.#ended;
    this.#stage = stage;
    this.#event('stage_start', stage.name, stage.kind);
    if (rows !== null) {
      await this.#sender.send(stage, rows, startMs);
    } else if (stage.kind === 'cooldown') {
      await untilDrained(this.#session, this.#clock, startMs + stage.durationMs, signal);
    } else {
      await this.#clock.sleepUntil(startMs + stage.durationMs, signal);
    }
    this.#event('stage_end', stage.name, '');
    const secondsOf = new Map(this.#options.corpus.items.map((item) => [item.id, item.traits['audioSeconds'] ?? 0]));
    const completions = this.#records
      .filter((one) => one.stage === stage.name && one.outcome === 'ok' && one.endMs !== null)
      .map(({ endMs, itemId }) => ({ endMs: endMs ?? 0, audioSeconds: secondsOf.get(itemId) ?? 0 }));
    const achieved = achievementOf(completions, startMs, this.#clock.nowMs());
    if (achieved !== null) {
      this.#achieved.set(stage.name, achieved);
    }
  }

  /** One careful client: asks, waits for the answer, thinks, asks again. */
  async #askNeighbour(everyMs: number): Promise<void> {
    for (let seq = 0; !this.#ended.signal.aborted; seq += 1) {
      const plannedMs = this.#clock.nowMs();
      const reply = await this.#target.service.askNeighbour();
      if (reply === null) {
        return;
      }
      const endMs = this.#clock.nowMs();
      const over = { ...reply, errorCode: reply.errorCode ?? null, route: null };
      this.#neighbour.push(
        record(seq, { stage: this.#stage?.name ?? '', plannedMs, startMs: plannedMs, endMs, ...over }),
      );
      await this.#clock.sleepUntil(endMs + everyMs, this.#ended.signal);
    }
  }

  /** The timers of a server end with the run: who sleeps then never wakes. */
  #serviceClock(): Clock {
    return {
      nowMs: () => this.#clock.nowMs(),
      sleepUntil: (atMs, signal) =>
        this.#isOver ? new Promise(() => undefined) : this.#clock.sleepUntil(atMs, signal),
    };
  }

  #die(root: SimProcess): void {
    this.#event('target_gone', 'target', `${root.instance} has ended`);
    this.#ended.abort();
    this.#session.stop();
    for (const one of this.#target.open) {
      one.reset();
    }
    for (const one of this.#host.living()) {
      this.#host.end(one);
    }
  }

  #event(kind: RunEvent['kind'], subject: string, detail: string): void {
    const stage = kind.startsWith('stage_') ? subject : (this.#stage?.name ?? '');
    this.#events.push({ tMs: this.#clock.nowMs(), kind, stage, subject, detail });
  }

  #gathered(plan: Plan, endMs: number): GatheredRun {
    const { profile, corpus } = this.#options;
    const told = manifest();
    return {
      manifest: {
        ...told,
        profile,
        planHash: plan.hash,
        guardRatio: null,
        corpus: { ...told.corpus, name: corpus.name, digest: corpus.digest, items: corpus.items.length },
        measured: told.measured === null ? null : { ...told.measured, endMs, planned: this.#session.planned() },
      },
      records: this.#records,
      items: new Map(corpus.items.map((item) => [item.id, traitsOf(item)])),
      neighbour: profile.neighbour === null ? null : this.#neighbour,
      samples: this.#sampler.table(),
      events: [...this.#events, ...this.#sampler.events()].sort((a, b) => a.tMs - b.tMs),
      sources: {},
    };
  }
}

/** The plans of the last seed, which all variants of a profile share. */
const plans = new Map<string, { seed: number; plan: Plan }>();

function planOf({ profile, corpus, seed }: SimRunOptions): Plan {
  const key = `${profile.name} ${profile.adapter} ${corpus.digest}`;
  const known = plans.get(key);
  if (known?.seed === seed) {
    return known.plan;
  }
  const plan = compilePlan({ profile, corpus, executors });
  plans.set(key, { seed, plan });
  return plan;
}

/** A whole run of a profile against a modelled server, in the time that its arithmetic takes. Throws what its start throws. */
export async function simulateRun(options: SimRunOptions): Promise<SimRun> {
  const { profile, seed } = options;
  const seeded = { ...options, profile: { ...profile, seed: profile.seed + seed } };
  return new SimWorld(seeded).run(planOf(seeded));
}
