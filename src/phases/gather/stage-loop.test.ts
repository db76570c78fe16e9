import { describe, expect, it } from 'vitest';
import type { EngineSession } from '../../model/engine.ts';
import type { Plan } from '../../model/plan.ts';
import type { StageKind } from '../../model/profile.ts';
import { stage } from '../../testing/build.ts';
import { manualClock } from '../../testing/manual-clock.ts';
import { LoadControl } from './load-control.ts';
import type { Recorder } from './recorder.ts';
import { runStages } from './stage-loop.ts';

const nearLimit = { reason: 'memory is at its limit', isTargetLimit: true, projectedMsToLimit: null };

/** Stages of ten seconds that send nothing; what becomes of them if the guard stops after `stopS`. */
async function left(stages: readonly (readonly [string, StageKind])[], stopS: number, endS = 1000): Promise<string[]> {
  const clock = manualClock();
  const events: string[] = [];
  const recorder = {
    event: (_tMs: number, kind: string, name: string) => events.push(`${name} ${kind}`),
    beginStage: () => undefined,
    sync: () => undefined,
    achievement: () => null,
    recorded: 0,
  } as unknown as Recorder;
  const session = {
    planned: () => 1,
    inFlight: () => 0,
    stop: () => undefined,
    close: () => Promise.resolve(),
  } as unknown as EngineSession;
  const control = new LoadControl(clock, session, recorder);
  const plan = {
    hash: '',
    stages: stages.map(([name, kind], index) => ({ stage: stage(name, kind, 10_000), index, refersTo: [] })),
    rows: () => null,
    rates: () => [],
  } as unknown as Plan;
  const run = runStages({ plan, clock, session, recorder, control, onStage: () => undefined });
  await clock.advance(stopS * 1000);
  control.guardStop(nearLimit, clock.nowMs());
  await clock.advance((endS - stopS) * 1000);
  control.interrupted('SIGINT');
  await run;
  return events.filter((text) => text.endsWith('_end') || text.endsWith('_skipped'));
}

describe('after a stop of the guard', () => {
  const plan = [
    ['base', 'idle'],
    ['overload', 'load'],
    ['drain', 'cooldown'],
    ['more', 'load'],
    ['lull', 'lull'],
    ['burst', 'load'],
    ['silence', 'silence'],
    ['canary', 'canary'],
  ] as const;

  it('the quiet stages go on up to the first one that is no cooldown, and no load is sent', async () => {
    expect(await left(plan, 12)).toEqual([
      'base stage_end',
      'overload stage_end',
      'drain stage_end',
      'more stage_skipped',
      'lull stage_end',
      'burst stage_skipped',
      'silence stage_skipped',
      'canary stage_skipped',
    ]);
  });

  it('a stop in a quiet stage lets it go on, and the next quiet one too', async () => {
    expect(await left(plan.slice(4), 2)).toEqual([
      'lull stage_end',
      'burst stage_skipped',
      'silence stage_end',
      'canary stage_skipped',
    ]);
  });

  it('a signal ends the quiet stage at once', async () => {
    expect((await left(plan.slice(0, 5), 12, 32)).slice(-2)).toEqual(['more stage_skipped', 'lull stage_end']);
    expect((await left(plan, 12, 12)).slice(2)).toEqual(plan.slice(2).map(([name]) => `${name} stage_skipped`));
  });
});
