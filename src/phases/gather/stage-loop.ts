import type { Clock } from '../../base/clock.ts';
import type { EngineSession } from '../../model/engine.ts';
import type { Plan, PlannedStage, StageAchievement } from '../../model/plan.ts';
import type { LoadControl } from './load-control.ts';
import type { Recorder } from './recorder.ts';
import { StageSender } from './send-stage.ts';

const drainLookEveryMs = 50;

export interface StageLoop {
  plan: Plan;
  clock: Clock;
  session: EngineSession;
  recorder: Recorder;
  control: LoadControl;
  onStage(planned: PlannedStage, endMs: number): void;
}

/** Until nothing is in flight, `endMs`, or the signal. */
export async function untilDrained(
  session: EngineSession,
  clock: Clock,
  endMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (session.inFlight() > 0 && clock.nowMs() < endMs && !signal.aborted) {
    await clock.sleepUntil(Math.min(endMs, clock.nowMs() + drainLookEveryMs), signal);
  }
}

async function runStage(
  loop: StageLoop,
  sender: StageSender,
  planned: PlannedStage,
  achieved: ReadonlyMap<string, StageAchievement>,
): Promise<StageAchievement | null> {
  const { clock, session, recorder, control, plan } = loop;
  const { stage } = planned;
  // Before the clock of the stage starts: making them must not make the first of them late.
  const rows = plan.rows(planned.index, achieved);
  const startMs = clock.nowMs();
  const endMs = startMs + stage.durationMs;
  control.stageName = stage.name;
  recorder.beginStage(stage.name);
  recorder.event(startMs, 'stage_start', stage.name, stage.name, stage.kind);
  for (const rate of plan.rates(planned.index, achieved)) {
    recorder.event(startMs, 'rate_resolved', stage.name, rate.name, String(rate.perSecond));
  }
  loop.onStage(planned, endMs);
  if (rows !== null) {
    await sender.send(stage, rows, startMs);
  } else if (stage.kind === 'cooldown') {
    await untilDrained(session, clock, endMs, control.signal);
  } else {
    await clock.sleepUntil(endMs, control.signal);
  }
  const endedMs = clock.nowMs();
  recorder.event(endedMs, 'stage_end', stage.name, stage.name, '');
  recorder.sync();
  return recorder.achievement(startMs, endedMs);
}

/** Stages in order; one whose rate cannot be known, or that a stop leaves over, is listed as skipped (PROTOCOL 5.5). */
export async function runStages(loop: StageLoop): Promise<void> {
  const achieved = new Map<string, StageAchievement>();
  const sender = new StageSender(loop);
  for (const planned of loop.plan.stages) {
    const { name } = planned.stage;
    const unresolved = planned.refersTo.find((other) => !achieved.has(other));
    const why = loop.control.hasEnded
      ? 'the run had been stopped'
      : unresolved === undefined
        ? null
        : `stage ${unresolved} achieved nothing to take a rate from`;
    if (why !== null) {
      loop.recorder.event(loop.clock.nowMs(), 'stage_skipped', name, name, why);
      continue;
    }
    const achievement = await runStage(loop, sender, planned, achieved);
    if (achievement !== null) {
      achieved.set(name, achievement);
    }
  }
}
