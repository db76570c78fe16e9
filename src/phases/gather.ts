import type { Clock } from '../base/clock.ts';
import type { AdapterOptions, CallAdapter } from '../model/adapter.ts';
import type { Corpus } from '../model/corpus.ts';
import type { EngineSession, LoadEngine } from '../model/engine.ts';
import type { Plan, PlannedStage, StageAchievement } from '../model/plan.ts';
import type { OpenProbe } from '../model/probe.ts';
import type { ResolvedProfile } from '../model/profile.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { createGuard, type Guard, type GuardStop } from './guard.ts';
import { Recorder } from './recorder.ts';
import { createSampler } from './sampler.ts';
import { type SamplerProcess, startSamplerProcess } from './sampler-process.ts';

/** After a stop the target is watched a little longer: did it die all the same, did the memory go back? */
const watchAfterStopMs = 3000;
/** A supervisor may bring a dead target back; the load waits this long before it gives up. */
const targetReturnMs = 2500;

export interface Progress {
  tMs: number;
  stage: string;
  stageKind: string;
  stageEndMs: number;
  stageNumber: number;
  stageCount: number;
  inFlight: number;
  offeredPerSecond: number;
  achievedPerSecond: number;
  p95Ms: number | null;
  answered: number;
  failed: number;
  memory: ReturnType<Guard['gauge']>;
}

export interface GatherOptions {
  profile: ResolvedProfile;
  corpus: Corpus;
  plan: Plan;
  engine: LoadEngine;
  adapter: CallAdapter;
  adapterOptions: AdapterOptions;
  headers: Readonly<Record<string, string>>;
  folder: RunFolder;
  clock: Clock & { epochNs: bigint };
  url: URL;
  healthPath: string;
  metricsUrl: URL | null;
  samplerScript: string;
  skipProbes: readonly string[];
  /** Reads of the harness itself, taken in this process. */
  clientProbes: readonly { id: string; open: OpenProbe }[];
  guardRatio: number | null;
  /** Resolves when a target that we started has ended; null for one that is not ours. */
  targetExited: Promise<string> | null;
  signal: AbortSignal;
  onSampler(sampler: Pick<SamplerProcess, 'description' | 'notObserved'>): void;
  onProgress(progress: Progress): void;
}

export interface Gathered {
  status: 'completed' | 'stopped' | 'aborted';
  exitCause: string | null;
  endMs: number;
  planned: number;
  sampler: Awaited<ReturnType<SamplerProcess['stop']>> | null;
}

/**
 * for each stage: resolve its rates -> rows -> engine.runStage
 *       sampler child -> batches -> samples.csv, guard, live view
 *       guard | dead target | signal -> stop -> watch -> end
 */
export async function gather(options: GatherOptions): Promise<Gathered> {
  const { clock, profile, plan } = options;
  const recorder = new Recorder(options.folder, options.corpus.items);
  const stopping = new AbortController();
  let status: Gathered['status'] = 'completed';
  let exitCause: string | null = null;
  let current: { planned: PlannedStage; endMs: number } | null = null;
  let plannedRows = 0;
  const stageName = (): string => current?.planned.stage.name ?? '';

  const session: EngineSession = options.engine.open({
    url: options.url,
    adapter: options.adapter,
    adapterOptions: options.adapterOptions,
    headers: options.headers,
    clock,
    onRecord: (record) => recorder.request(record),
  });
  const end = (as: Gathered['status'], cause: string): void => {
    if (!stopping.signal.aborted) {
      status = as;
      exitCause = cause;
      session.stop();
      stopping.abort();
    }
  };
  const guard = createGuard({ ratio: options.guardRatio, baseIntervalMs: profile.sampleIntervalMs });
  const onGuardStop = (stop: GuardStop, tMs: number): void => {
    recorder.event(tMs, 'guard_stop', stageName(), stop.isTargetLimit ? 'target' : 'harness host', stop.reason);
    end('stopped', stop.reason);
    void session.close();
  };
  const onTargetGone = (tMs: number, detail: string): void => {
    recorder.event(tMs, 'target_gone', stageName(), 'target', detail);
    const returnBy = clock.nowMs() + targetReturnMs;
    void clock.sleepUntil(returnBy, stopping.signal).then(() => {
      if (!targetIsBack) {
        end('stopped', `the target ended: ${detail}`);
        void session.close();
      }
    });
    targetIsBack = false;
  };
  let targetIsBack = true;

  recorder.event(clock.nowMs(), 'run_start', '', options.folder.runId, '');
  const sampler = await startSamplerProcess({
    script: options.samplerScript,
    epochNs: clock.epochNs,
    url: options.url,
    healthPath: options.healthPath,
    metricsUrl: options.metricsUrl,
    intervalMs: profile.sampleIntervalMs,
    skipProbes: options.skipProbes,
    onBatch(batch) {
      recorder.samples(batch.tMs, batch.stage, batch.quality, batch.samples);
      targetIsBack ||= batch.samples.some((sample) => sample.scope === 'tree' && (sample.value ?? 0) > 0);
      if (current === null) {
        return;
      }
      sampler.setTick({ stage: stageName(), kind: current.planned.stage.kind, quiesced: session.inFlight() === 0 });
      const stop = stopping.signal.aborted ? null : guard.observe(batch.samples, batch.tMs);
      if (stop !== null) {
        onGuardStop(stop, batch.tMs);
      }
      sampler.setIntervalMs(guard.nextIntervalMs());
      options.onProgress({
        tMs: batch.tMs,
        stage: stageName(),
        stageKind: current.planned.stage.kind,
        stageEndMs: current.endMs,
        stageNumber: current.planned.index + 1,
        stageCount: plan.stages.length,
        inFlight: session.inFlight(),
        ...recorder.live(batch.tMs),
        memory: guard.gauge(),
      });
    },
    onEvent(event) {
      if (event.kind === 'target_gone') {
        onTargetGone(event.tMs, event.detail);
      } else {
        recorder.event(event.tMs, event.kind, stageName(), event.subject, event.detail);
      }
    },
    onLost: (reason) => recorder.event(clock.nowMs(), 'sampler_lost', stageName(), 'sampler', reason),
  });
  options.onSampler(sampler);
  for (const { what, why } of sampler.notObserved) {
    recorder.event(clock.nowMs(), 'probe_unavailable', '', what, why);
  }
  const harness = createSampler({
    clock,
    probes: [
      ...options.clientProbes,
      {
        id: 'client-self',
        open: loadProbe(session, recorder),
      },
    ],
    intervalMs: profile.sampleIntervalMs,
    tick: () => ({
      stage: stageName(),
      stageKind: current?.planned.stage.kind ?? 'idle',
      quiesced: session.inFlight() === 0,
    }),
    emit: (batch) => recorder.samples(batch.tMs, batch.stage, batch.quality, batch.samples),
    signal: stopping.signal,
  });
  let runEnded = false;
  void options.targetExited?.then((how) => {
    if (!runEnded) {
      onTargetGone(clock.nowMs(), how);
    }
  });
  const onSignal = (): void => {
    recorder.event(clock.nowMs(), 'signal', stageName(), 'harness', String(options.signal.reason));
    end('aborted', String(options.signal.reason));
  };
  options.signal.addEventListener('abort', onSignal, { once: true });

  const achieved = new Map<string, StageAchievement>();
  for (const planned of plan.stages) {
    const { stage } = planned;
    if (stopping.signal.aborted) {
      recorder.event(clock.nowMs(), 'stage_skipped', stage.name, stage.name, 'the run had been stopped');
      continue;
    }
    const unresolved = planned.refersTo.find((name) => !achieved.has(name));
    if (unresolved !== undefined) {
      recorder.event(clock.nowMs(), 'stage_skipped', stage.name, stage.name, `stage ${unresolved} achieved nothing`);
      continue;
    }
    const startMs = clock.nowMs();
    const endMs = startMs + stage.durationMs;
    current = { planned, endMs };
    recorder.event(startMs, 'stage_start', stage.name, stage.name, stage.kind);
    for (const rate of plan.rates(planned.index, achieved)) {
      recorder.event(startMs, 'rate_resolved', stage.name, rate.name, String(rate.perSecond));
    }
    sampler.setTick({ stage: stage.name, kind: stage.kind, quiesced: session.inFlight() === 0 });
    const rows = plan.rows(planned.index, achieved);
    const before = recorder.recorded;
    if (rows !== null) {
      plannedRows += rows.model === 'open' ? rows.rows.length : 0;
      await session.runStage(rows, startMs, endMs);
    } else if (stage.kind === 'cooldown') {
      await untilDrained(session, clock, endMs, stopping.signal);
    } else {
      await clock.sleepUntil(endMs, stopping.signal);
    }
    if (rows?.model === 'closed') {
      closedStages.push({ stage: stage.name, before });
    }
    const stageEndMs = clock.nowMs();
    recorder.event(stageEndMs, 'stage_end', stage.name, stage.name, '');
    recorder.sync();
    const achievement = recorder.achievement(stage.name, startMs, stageEndMs);
    if (achievement !== null) {
      achieved.set(stage.name, achievement);
    }
  }
  if (status === 'stopped') {
    await clock.sleepUntil(clock.nowMs() + watchAfterStopMs, options.signal);
  }
  await session.close();
  runEnded = true;
  const summary = await sampler.stop();
  stopping.abort();
  await harness;
  options.signal.removeEventListener('abort', onSignal);
  const endMs = clock.nowMs();
  recorder.event(endMs, 'run_end', '', options.folder.runId, exitCause ?? '');
  recorder.close();
  return { status, exitCause, endMs, planned: plannedRows, sampler: summary };
}

function loadProbe(session: EngineSession, recorder: Recorder): OpenProbe {
  const sample = (metric: string, value: number) => ({
    scope: 'client' as const,
    instance: 'harness',
    metric,
    value,
  });
  return {
    read: () =>
      Promise.resolve({
        samples: [
          sample('in_flight', session.inFlight()),
          sample('audio_seconds_in_flight', session.audioSecondsInFlight()),
          sample('answered_total', recorder.answered),
        ],
        events: [],
      }),
    close: () => Promise.resolve(),
  };
}

async function untilDrained(session: EngineSession, clock: Clock, endMs: number, signal: AbortSignal): Promise<void> {
  const lookEveryMs = 50;
  while (session.inFlight() > 0 && clock.nowMs() < endMs && !signal.aborted) {
    await clock.sleepUntil(Math.min(endMs, clock.nowMs() + lookEveryMs), signal);
  }
}
