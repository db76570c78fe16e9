import type { Clock } from '../../base/clock.ts';
import { formatDuration } from '../../base/units.ts';
import type { OpenProbe, Sample } from '../../model/probe.ts';
import type { ResolvedProfile, Stage } from '../../model/profile.ts';
import { createGuard } from '../gather/guard.ts';
import type { EndStatus } from '../gather/load-control.ts';
import type { Recorder } from '../gather/recorder.ts';
import type { RunningSampler, StartSampler } from '../sampler/messages.ts';
import { createSampler } from '../sampler/sampler.ts';
import { type CommandEnd, exitCodeOfCommand, type RunningCommand } from './command.ts';
import { WatchState } from './watch-state.ts';

export interface WatchGatherOptions {
  profile: ResolvedProfile;
  clock: Clock;
  recorder: Recorder;
  /** Why rows are let go since; null: all could be written. */
  recordingFailure(): Error | null;
  runId: string;
  startSampler: StartSampler;
  startCommand(): Promise<RunningCommand>;
  /** Reads of the harness itself, taken in this process. */
  clientProbes: readonly { id: string; open: OpenProbe }[];
  guardRatio: number | null;
  /** Ends the command where the guard would end a load of ours. */
  guardStops: boolean;
  /** A terminal has sent its Ctrl-C to the command too: it must not come twice. */
  hasTerminal: boolean;
  signal: AbortSignal;
  onSampler(sampler: Pick<RunningSampler, 'description' | 'notObserved'>): void;
  onWarning(text: string): void;
}

export interface WatchGathered {
  status: EndStatus;
  exitCause: string | null;
  endMs: number;
  sampler: Awaited<ReturnType<RunningSampler['stop']>>;
  /** null: it was never started. */
  command: (CommandEnd & { startMs: number; endMs: number }) | null;
}

/**
 * before (idle) -> command (load) -> after (idle)
 * sampler child: batches -> samples.csv, guard
 * own sampler:   the harness itself -> samples.csv
 * guard -> warning, or with `guardStops` the end of the command, and after it as planned (PROTOCOL 4.7); signal -> command -> end
 */
export async function gatherWatched(options: WatchGatherOptions): Promise<WatchGathered> {
  const { clock, recorder, signal } = options;
  const state = new WatchState(options);
  recorder.event(clock.nowMs(), 'run_start', '', options.runId, '');
  const sampling = await startSampling(options, state);
  const onSignal = (): void => state.interrupted(signal.reason as NodeJS.Signals);
  signal.addEventListener('abort', onSignal, { once: true });
  if (signal.aborted) {
    onSignal();
  }
  try {
    const command = await runWatchStages(options, state, sampling.setStage);
    const { status } = state;
    const endMs = clock.nowMs();
    return { status, exitCause: state.causeAt(endMs), endMs, command, sampler: await sampling.stop() };
  } catch (error: unknown) {
    await sampling.stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', onSignal);
  }
}

async function runWatchStages(
  options: WatchGatherOptions,
  state: WatchState,
  setStage: (stage: Stage) => void,
): Promise<WatchGathered['command']> {
  const { clock, recorder, profile } = options;
  let ended: WatchGathered['command'] = null;
  for (const stage of profile.stages) {
    // Before the command it need not be started; a command that runs is not ours to end.
    const failure = options.recordingFailure();
    if (failure !== null) {
      throw failure;
    }
    if (state.signal.aborted) {
      recorder.event(clock.nowMs(), 'stage_skipped', stage.name, stage.name, 'the run had been stopped');
      continue;
    }
    const startMs = clock.nowMs();
    state.stage = stage;
    recorder.event(startMs, 'stage_start', stage.name, stage.name, stage.kind);
    setStage(stage);
    if (stage.kind === 'load') {
      const command = await options.startCommand();
      state.started(command);
      const end = await command.ended;
      state.hasCommandEnded = true;
      ended = { ...end, startMs, endMs: clock.nowMs() };
    } else {
      await clock.sleepUntil(startMs + stage.durationMs, state.signal);
    }
    recorder.event(
      clock.nowMs(),
      'stage_end',
      stage.name,
      stage.name,
      stage.kind === 'load' && ended !== null ? endInWords(ended) : '',
    );
    recorder.sync();
  }
  return ended;
}

function endInWords(end: CommandEnd & { startMs: number; endMs: number }): string {
  const how = end.signal === null ? `exit code ${exitCodeOfCommand(end)}` : end.signal;
  return `the command ended with ${how} after ${formatDuration(end.endMs - end.startMs)}`;
}

interface Sampling {
  setStage(stage: Stage): void;
  stop(): ReturnType<RunningSampler['stop']>;
}

async function startSampling(options: WatchGatherOptions, state: WatchState): Promise<Sampling> {
  const { clock, recorder, profile } = options;
  const guard = createGuard({ ratio: options.guardRatio, baseIntervalMs: profile.sampleIntervalMs });
  let harnessSamples: readonly Sample[] = [];
  const sampler = await options.startSampler({
    onBatch(batch) {
      recorder.samples(batch.tMs, batch.stage, batch.quality, batch.samples);
      if (batch.samples.some(({ scope, value }) => scope === 'process' && value !== null)) {
        state.targetSeen();
      }
      const stop = guard.observe([...batch.samples, ...harnessSamples], batch.tMs);
      if (stop !== null) {
        state.guarded(stop, batch.tMs);
        if (state.isResting) {
          guard.rest();
        }
      }
      sampler.setIntervalMs(guard.nextIntervalMs());
    },
    onEvent(event) {
      if (event.kind === 'target_gone') {
        state.targetGone(event.tMs, event.detail);
      } else {
        recorder.event(event.tMs, event.kind, state.stageName, event.subject, event.detail);
      }
    },
    onLost: (reason) => recorder.event(clock.nowMs(), 'sampler_lost', state.stageName, 'sampler', reason),
  });
  try {
    for (const { what, why } of sampler.notObserved) {
      recorder.event(clock.nowMs(), 'probe_unavailable', '', what, why);
    }
    options.onSampler(sampler);
  } catch (error: unknown) {
    await sampler.stop();
    throw error;
  }
  const stopping = new AbortController();
  const own = createSampler({
    clock,
    probes: options.clientProbes,
    intervalMs: profile.sampleIntervalMs,
    tick: () => ({
      stage: state.stageName,
      stageKind: state.stage?.kind ?? 'idle',
      quiesced: state.isQuiesced,
    }),
    emit(batch) {
      harnessSamples = batch.samples;
      recorder.samples(batch.tMs, batch.stage, batch.quality, batch.samples);
    },
    signal: stopping.signal,
  });
  return {
    setStage: (stage) => {
      sampler.setTick({ stage: stage.name, kind: stage.kind, quiesced: state.isQuiesced });
    },
    async stop() {
      const summary = await sampler.stop();
      stopping.abort();
      await own;
      return summary;
    },
  };
}
