import type { Clock } from '../../base/clock.ts';
import { sendsLoad } from '../../computed/stages.ts';
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
    await untilDrained(session, clock, endMs, control.endSignal);
  } else {
    await clock.sleepUntil(endMs, control.endSignal);
  }
  const endedMs = clock.nowMs();
  recorder.event(endedMs, 'stage_end', stage.name, stage.name, '');
  recorder.sync();
  return recorder.achievement(startMs, endedMs);
}

/**
 * What is still run of a plan whose load the guard ended in stage `index`: the quiet stages that follow, up to the first
 * one that is no cooldown (PROTOCOL 7.3.1).
 */
export function restAfter(stages: readonly PlannedStage[], index: number): readonly PlannedStage[] {
  const quiet = stages.filter((planned) => planned.index > index && !sendsLoad(planned.stage));
  const first = quiet.findIndex(({ stage }) => stage.kind !== 'cooldown');
  return first < 0 ? quiet : quiet.slice(0, first + 1);
}

/** null: the stage is run. */
function whyLeftOut(
  { plan, control }: StageLoop,
  planned: PlannedStage,
  before: { index: number; achieved: ReadonlyMap<string, StageAchievement> },
): string | null {
  if (control.isOver) {
    return 'the run had been stopped';
  }
  if (control.hasEnded) {
    return restAfter(plan.stages, before.index).includes(planned) ? null : 'the guard had ended the load';
  }
  const unresolved = planned.refersTo.find((other) => !before.achieved.has(other));
  return unresolved === undefined ? null : `stage ${unresolved} achieved nothing to take a rate from`;
}

/** Stages in order; one whose rate cannot be known, or that a stop leaves over, is listed as skipped (PROTOCOL 5.5). */
export async function runStages(loop: StageLoop): Promise<void> {
  const { control, clock, recorder } = loop;
  const achieved = new Map<string, StageAchievement>();
  const sender = new StageSender(loop);
  // Of the last stage that began before the load was ended.
  let index = -1;
  for (const planned of loop.plan.stages) {
    const { name, kind } = planned.stage;
    const why = whyLeftOut(loop, planned, { index, achieved });
    if (why !== null) {
      recorder.event(clock.nowMs(), 'stage_skipped', name, name, why);
      continue;
    }
    const isRest = control.hasEnded;
    index = isRest ? index : planned.index;
    const achievement = await runStage(loop, sender, planned, achieved);
    if (achievement !== null) {
      achieved.set(name, achievement);
    }
    control.isRested ||= isRest && kind !== 'cooldown' && !control.isOver;
  }
}
