import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Knobs } from '../../../model/fault.ts';
import { phantomQueue } from '../../faults/phantom-queue.ts';
import { requeueSpin } from '../../faults/requeue-spin.ts';
import { clipSeconds, EndlessSpin, Stage } from './pool.fixture.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a healthy pool', () => {
  it('ends an idle cold worker itself and forgets it', () => {
    const stage = new Stage({});
    stage.warm(3);
    vi.advanceTimersByTime(59_000);
    stage.pool.manage();
    expect(stage.of('cold').map(({ ended }) => ended)).toEqual([false, false, false]);
    vi.advanceTimersByTime(1000);
    stage.pool.manage();
    expect(stage.of('cold').map(({ ended }) => ended)).toEqual([true, true, true]);
    expect(stage.pool.coldCount('ready')).toBe(0);
  });

  it('answers 500 for the clip of a worker that died, and puts nothing back', () => {
    const stage = new Stage({});
    stage.submit();
    stage.exit(stage.of('hot')[0], 'SIGKILL');
    expect(stage.routes()).toEqual([500]);
    expect(stage.pool.requeued).toBe(0);
  });

  it('names the lane in the route', () => {
    const stage = new Stage({});
    stage.warm(1);
    stage.outcomes.clear();
    stage.submit();
    stage.submit();
    stage.answer(stage.of('hot')[0]);
    stage.answer(stage.of('cold')[0]);
    expect(stage.routes()).toEqual(['HOT', 'COLD-POOL']);
  });
});

function variant(fault: typeof requeueSpin, fixes: readonly string[]): Knobs {
  return Object.assign({}, fault.knobs, ...fixes.map((name) => fault.fixes[name] ?? {})) as Knobs;
}

describe('requeue-spin', () => {
  it('holds workers that ended by themselves, for longer the more places are free', () => {
    const stage = new Stage(variant(requeueSpin, []));
    stage.warm(2);
    expect(stage.pool.coldCount('ready')).toBe(2);
    stage.lull();
    expect(stage.pool.coldCount('ready')).toBe(2);
    vi.advanceTimersByTime(74_000);
    stage.pool.manage();
    expect(stage.pool.coldCount('ready')).toBe(2);
    vi.advanceTimersByTime(1000);
    stage.pool.manage();
    expect(stage.pool.coldCount('ready')).toBe(0);
  });

  it('never returns from the clip that meets a dead worker while another lane is free', () => {
    const stage = new Stage(variant(requeueSpin, []));
    stage.warm(2);
    stage.lull();
    stage.submit();
    expect(() => stage.submit()).toThrow(EndlessSpin);
    expect(stage.pool.requeued).toBe(1);
  });

  it.each([
    ['under constant load no worker ends', 2, false],
    ['one dead worker leaves no lane that could take the clip up again', 1, true],
  ])('does not spin: %s', (_why, cold, hasLull) => {
    const stage = new Stage(variant(requeueSpin, []));
    stage.warm(cold);
    if (hasLull) {
      stage.lull();
    }
    stage.submit();
    stage.submit();
    expect(stage.turns).toBe(0);
  });

  const fixes: readonly [fixes: readonly string[], routes: (string | number)[], turns: number][] = [
    [['yield-on-skip'], ['HOT', 'COLD-POOL>HOT'], 0],
    [['retry-cap'], [503, 'HOT'], 1],
    [['retry-cap', 'yield-on-skip'], ['HOT', 'COLD-POOL>HOT'], 0],
  ];
  it.each(fixes)('with %j every clip has one outcome', (names, routes, turns) => {
    const stage = new Stage(variant(requeueSpin, names));
    stage.warm(2);
    stage.lull();
    stage.outcomes.clear();
    stage.submit();
    stage.submit();
    while (stage.of('hot')[0]?.view.job !== null) {
      stage.answer(stage.of('hot')[0]);
    }
    expect(stage.routes()).toEqual(routes);
    expect(stage.turns).toBe(turns);
    expect(stage.pool.queueDepth).toBe(0);
    expect(stage.pool.queueAudioSeconds).toBe(0);
  });

  it('puts back the clip that crossed the end of its worker', () => {
    const stage = new Stage(variant(requeueSpin, ['yield-on-skip']));
    stage.warm(1);
    stage.outcomes.clear();
    stage.submit();
    stage.submit();
    stage.exit(stage.of('cold')[0], 'exit code 0');
    expect(stage.pool.coldCount('ready')).toBe(0);
    stage.answer(stage.of('hot')[0]);
    stage.answer(stage.of('hot')[0]);
    expect(stage.routes()).toEqual(['HOT', 'COLD-POOL>HOT']);
  });
});

describe('phantom-queue', () => {
  /** Gauge and spawns once all clips of a second burst are answered. */
  function afterSecondBurst(names: readonly string[]): { audioSeconds: number; spawned: number } {
    const stage = new Stage(variant(phantomQueue, names));
    stage.warm(3);
    stage.lull();
    for (let count = 0; count < 4; count += 1) {
      stage.submit();
    }
    while (stage.of('hot')[0]?.view.job !== null) {
      stage.answer(stage.of('hot')[0]);
    }
    expect(stage.pool.queueDepth).toBe(0);
    const before = stage.pool.coldSpawned;
    stage.pool.manage();
    stage.pool.manage();
    return { audioSeconds: stage.pool.queueAudioSeconds, spawned: stage.pool.coldSpawned - before };
  }

  it('keeps each clip that was put back in the gauge for ever, and starts workers for it', () => {
    expect(afterSecondBurst([])).toEqual({ audioSeconds: 3 * clipSeconds, spawned: 2 });
  });

  it('with a balanced gauge counts nothing once nothing waits, and starts nobody', () => {
    expect(afterSecondBurst(['balanced-gauge'])).toEqual({ audioSeconds: 0, spawned: 0 });
  });

  it('starts workers for the ghost again and again', () => {
    const stage = new Stage(variant(phantomQueue, []));
    stage.warm(3);
    stage.lull();
    for (let count = 0; count < 4; count += 1) {
      stage.submit();
    }
    while (stage.of('hot')[0]?.view.job !== null) {
      stage.answer(stage.of('hot')[0]);
    }
    const spawned: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      stage.pool.manage();
      stage.ready('cold');
      spawned.push(stage.pool.coldSpawned);
      for (const worker of stage.of('cold').filter(({ view }) => !view.isGone)) {
        stage.exit(worker, 'exit code 0');
      }
      vi.advanceTimersByTime(200_000);
      stage.pool.manage();
    }
    expect(new Set(spawned).size).toBe(3);
  });
});
