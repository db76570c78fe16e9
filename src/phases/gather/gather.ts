import type { Adapter, AdapterOptions } from '../../model/adapter.ts';
import type { Corpus } from '../../model/corpus.ts';
import type { EngineContext, LoadEngine } from '../../model/engine.ts';
import type { OpenProbe } from '../../model/probe.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import type { RunningSampler } from '../sampler/messages.ts';
import { AbortWatch } from './abort-watch.ts';
import { type CompileStages, searchCapacity } from './capacity-search.ts';
import { createGuard } from './guard.ts';
import { sampleHarness } from './harness-sampler.ts';
import { type EndStatus, LoadControl } from './load-control.ts';
import { NeighbourClient, type NeighbourOptions } from './neighbour.ts';
import { Recorder } from './recorder.ts';
import { RenewableSession } from './renewable-session.ts';
import { type CurrentStage, type IntakeOptions, type IntakeView, openIntake } from './sampler-intake.ts';
import { SearchRunner } from './search-runner.ts';
import { runStages, type StageLoop, untilDrained } from './stage-loop.ts';

/** After a stop the target is watched a little longer: did it die all the same, did the memory go back? */
const watchAfterStopMs = 3000;
/** What is still open after the last stage may end, so that a healthy run leaves nothing censored. */
const gracefulEndMs = 5000;

export interface GatherOptions extends IntakeOptions {
  profile: ResolvedProfile;
  corpus: Corpus;
  /** Compiles the steps of a capacity search. */
  compile: CompileStages;
  /** null: the profile has none. */
  neighbour: Omit<NeighbourOptions, 'clock' | 'file' | 'signal'> | null;
  engine: LoadEngine;
  adapter: Adapter;
  adapterOptions: AdapterOptions;
  headers: Readonly<Record<string, string>>;
  tlsAuthorities: string | null;
  folder: RunFolder;
  /** The wall clock, from any zero: only its steps against `clock` matter. */
  wallNowMs(): number;
  url: URL;
  /** Reads of the harness itself, taken in this process. */
  clientProbes: readonly { id: string; open: OpenProbe }[];
  guardRatio: number | null;
  /** Resolves when a target that we started has ended; null for one that is not ours. */
  targetExited: Promise<string> | null;
  signal: AbortSignal;
  /** What is asked for only once the load has ended; its rows still come before the tables are closed. */
  importAfter(recorder: Recorder, endMs: number): Promise<readonly { what: string; why: string }[]>;
}

export interface Gathered {
  status: EndStatus;
  exitCause: string | null;
  endMs: number;
  clockStepMs: number;
  planned: number;
  sampler: Awaited<ReturnType<RunningSampler['stop']>>;
  notObserved: readonly { what: string; why: string }[];
}

/**
 * stage loop:    rates -> rows -> engine session -> requests.csv
 * sampler child: batches -> samples.csv, guard, live view
 * own sampler:   the harness itself -> samples.csv
 * guard                         -> load control -> end of the load -> quiet stages -> end
 * dead target | abort | signal  -> load control -> stop -> watch -> end
 */
export async function gather(options: GatherOptions): Promise<Gathered> {
  const { clock, folder } = options;
  const recorder = new Recorder(folder, options.corpus.items, (failure) => control.cannotRecord(failure));
  const wallZeroMs = options.wallNowMs() - clock.nowMs();
  const watch = new AbortWatch(options.profile.abortWhen, options.profile.stages);
  let search: SearchRunner | null = null;
  const context: EngineContext = {
    url: options.url,
    adapter: options.adapter,
    adapterOptions: options.adapterOptions,
    headers: options.headers,
    clock,
    tlsAuthorities: options.tlsAuthorities,
    folder: folder.engine,
    onNotice: options.onNotice,
    onRecord: (record) => {
      recorder.request(record);
      watch.request(record);
      search?.request(record);
    },
  };
  const renewable = options.engine.canReopen === true ? new RenewableSession(() => options.engine.open(context)) : null;
  const session = renewable ?? options.engine.open(context);
  const control = new LoadControl(clock, session, recorder);
  const neighbour =
    options.neighbour === null
      ? null
      : new NeighbourClient({ ...options.neighbour, clock, file: folder.neighbour, signal: control.signal });
  const guard = createGuard({ ratio: options.guardRatio, baseIntervalMs: options.profile.sampleIntervalMs });
  let current: CurrentStage | null = null;
  const view: IntakeView = { watch, session, recorder, control, guard, harnessSamples: [], lastBatchMs: clock.nowMs() };

  recorder.event(clock.nowMs(), 'run_start', '', folder.runId, '');
  const sampler = await openIntake(
    options,
    view,
    () => current,
    () => search?.observe(),
  );
  const stopHarnessSampler = new AbortController();
  const harnessSampler = sampleHarness(
    { ...options, intervalMs: options.profile.sampleIntervalMs, signal: stopHarnessSampler.signal },
    view,
    () => current?.planned.stage.kind ?? 'idle',
  );
  let runEnded = false;
  void options.targetExited?.then((how) => {
    if (!runEnded) {
      control.targetGone(clock.nowMs(), how);
    }
  });
  const onSignal = (): void => control.interrupted(String(options.signal.reason));
  options.signal.addEventListener('abort', onSignal, { once: true });

  const loop: Omit<StageLoop, 'plan'> = {
    clock,
    session,
    recorder,
    control,
    onStage(planned, endMs) {
      current = { planned, endMs };
      neighbour?.stageStarts(planned.stage);
      sampler.setTick({ stage: planned.stage.name, kind: planned.stage.kind, quiesced: session.inFlight() === 0 });
    },
  };
  try {
    await runStages({ ...loop, plan: options.plan });
    if (options.profile.search !== null) {
      // A request of the stage before would count as a second one in the first step.
      await untilDrained(session, clock, clock.nowMs() + gracefulEndMs, control.signal);
      const { profile, compile } = options;
      const restart = async (): Promise<void> => {
        await renewable?.renew();
        guard.rearm();
      };
      search = new SearchRunner({
        profile,
        search: options.profile.search,
        compile,
        loop,
        usedBytes: () => guard.gauge().usedBytes,
        guardBytes() {
          const { limitBytes } = guard.gauge();
          return limitBytes === null || options.guardRatio === null ? null : options.guardRatio * limitBytes;
        },
        restart: renewable === null ? null : restart,
      });
      await searchCapacity(options.profile.search, search);
    }
    if (control.status === 'stopped' && !control.isRested) {
      await clock.sleepUntil(clock.nowMs() + watchAfterStopMs, options.signal);
    }
    await untilDrained(session, clock, clock.nowMs() + gracefulEndMs, control.signal);
    await neighbour?.close();
    await session.close();
  } catch (error: unknown) {
    // Its process would hold up the end of ours.
    await sampler.stop();
    stopHarnessSampler.abort();
    throw error;
  } finally {
    runEnded = true;
  }
  const summary = await sampler.stop();
  stopHarnessSampler.abort();
  await harnessSampler;
  options.signal.removeEventListener('abort', onSignal);
  const endMs = clock.nowMs();
  const clockStepMs = options.wallNowMs() - endMs - wallZeroMs;
  const notObserved = await options.importAfter(recorder, endMs);
  const exitCause = control.causeAt(endMs);
  recorder.event(endMs, 'run_end', '', folder.runId, exitCause ?? '');
  recorder.close();
  return {
    status: control.status,
    exitCause,
    endMs,
    clockStepMs,
    planned: session.planned(),
    sampler: summary,
    notObserved,
  };
}
