import type { Clock } from '../../base/clock.ts';
import { formatDuration } from '../../base/units.ts';
import type { Plan, PlannedStage } from '../../model/plan.ts';
import type { RunningSampler, StartSampler } from '../sampler/messages.ts';
import type { AbortWatch } from './abort-watch.ts';
import type { Guard, GuardGauge, GuardStop } from './guard.ts';
import type { HarnessView } from './harness-sampler.ts';
import type { LiveFigures } from './recorder.ts';
import { restAfter } from './stage-loop.ts';

export interface Progress extends LiveFigures {
  tMs: number;
  stage: string;
  stageKind: string;
  stageEndMs: number;
  stageNumber: number;
  stageCount: number;
  inFlight: number;
  memory: GuardGauge;
}

export interface IntakeOptions {
  plan: Plan;
  clock: Clock;
  startSampler: StartSampler;
  onSampler(sampler: Pick<RunningSampler, 'description' | 'notObserved'>): void;
  onProgress(progress: Progress): void;
  /** What an engine or the guard has to say to the user, such as where it listens. */
  onNotice(line: string): void;
}

/** The stage under way, as the sampler and the live view need it. */
export interface CurrentStage {
  planned: PlannedStage;
  endMs: number;
}

export interface IntakeView extends HarnessView {
  watch: AbortWatch;
  guard: Guard;
}

/**
 * Starts the sampler. What it reads goes into the tables, to the guard, to the abort conditions and to the live view;
 * what it sees happen goes into the events and, where the target is gone, to the control of the load.
 */
export async function openIntake(
  options: IntakeOptions,
  view: IntakeView,
  current: () => CurrentStage | null,
  onLevel: () => void,
): Promise<RunningSampler> {
  const { session, recorder, control, guard } = view;
  const { clock, plan } = options;
  const sampler = await options.startSampler({
    onBatch(batch) {
      view.lastBatchMs = clock.nowMs();
      recorder.samples(batch.tMs, batch.stage, batch.quality, batch.samples);
      if (batch.samples.some(({ scope, value }) => scope === 'process' && value !== null)) {
        control.targetSeen();
      }
      const stage = current();
      if (stage === null) {
        return;
      }
      sampler.setTick({
        stage: stage.planned.stage.name,
        kind: stage.planned.stage.kind,
        quiesced: session.inFlight() === 0,
      });
      const stop = guard.observe([...batch.samples, ...view.harnessSamples], batch.tMs);
      if (stop !== null) {
        control.guardStop(stop, batch.tMs);
        if (control.hasEnded && !control.isOver) {
          guard.rest();
          options.onNotice(restNotice(plan, stage.planned, stop));
        }
      }
      onLevel();
      const abort = view.watch.observe(batch.samples, batch.tMs);
      if (abort !== null) {
        control.abort(abort, batch.tMs);
      }
      sampler.setIntervalMs(guard.nextIntervalMs());
      options.onProgress({
        tMs: batch.tMs,
        stage: stage.planned.stage.name,
        stageKind: stage.planned.stage.kind,
        stageEndMs: stage.endMs,
        stageNumber: stage.planned.index + 1,
        // The steps of a search come on top.
        stageCount: Math.max(plan.stages.length, stage.planned.index + 1),
        inFlight: session.inFlight(),
        ...recorder.live(batch.tMs, session.inFlight()),
        memory: guard.gauge(),
      });
    },
    onEvent(event) {
      if (event.kind === 'target_gone') {
        control.targetGone(event.tMs, event.detail);
      } else {
        if (event.kind === 'oom_kill' && event.subject !== 'host') {
          control.targetLost ??= `${event.subject} was killed`;
        }
        recorder.event(event.tMs, event.kind, control.stageName, event.subject, event.detail);
      }
    },
    onLost: (reason) => recorder.event(clock.nowMs(), 'sampler_lost', control.stageName, 'sampler', reason),
  });
  try {
    for (const { what, why } of sampler.notObserved) {
      recorder.event(clock.nowMs(), 'probe_unavailable', '', what, why);
    }
    options.onSampler(sampler);
  } catch (error: unknown) {
    // A manifest that the disk no longer holds. Its process would hold up the end of ours.
    await sampler.stop();
    throw error;
  }
  return sampler;
}

function restNotice({ stages }: Plan, { index }: PlannedStage, { reason }: GuardStop): string {
  const restMs = restAfter(stages, index).reduce((sum, { stage }) => sum + stage.durationMs, 0);
  const rest = restMs === 0 ? '' : `; the target is watched without load for ${formatDuration(restMs)} at most`;
  return `the guard ended the load: ${reason}${rest}`;
}
