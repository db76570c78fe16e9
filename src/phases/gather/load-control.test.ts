import { describe, expect, it } from 'vitest';
import type { EngineSession } from '../../model/engine.ts';
import { manualClock } from '../../testing/manual-clock.ts';
import { LoadControl } from './load-control.ts';
import type { Recorder } from './recorder.ts';

const overloaded = { when: 'error-ratio', reason: '30 of 40 requests failed' } as const;
const nearLimit = { reason: 'memory is at its limit', isTargetLimit: true, projectedMsToLimit: null };

function open({ planned = 5 }: { planned?: number } = {}) {
  const calls: string[] = [];
  const events: unknown[][] = [];
  const session = {
    planned: () => planned,
    stop: () => calls.push('stop'),
    close: () => {
      calls.push('close');
      return Promise.resolve();
    },
  } as unknown as EngineSession;
  const recorder = { event: (...event: unknown[]) => events.push(event) } as unknown as Recorder;
  const control = new LoadControl(manualClock(), session, recorder);
  control.stageName = 'load';
  return { control, calls, events };
}

describe('LoadControl', () => {
  it('a condition of the profile stops the load, says why, and lets open requests go on', () => {
    const { control, calls, events } = open();
    control.abort(overloaded, 5000);
    expect(events).toEqual([[5000, 'abort', 'load', 'error-ratio', '30 of 40 requests failed']]);
    expect(calls).toEqual(['stop']);
    expect({ status: control.status, exitCause: control.exitCause, hasEnded: control.hasEnded }).toEqual({
      status: 'stopped',
      exitCause: '30 of 40 requests failed',
      hasEnded: true,
    });
  });

  it('a load that the guard has ended is not ended again', () => {
    const { control, calls, events } = open();
    control.guardStop(nearLimit, 4000);
    control.abort(overloaded, 5000);
    expect(events.map(([, kind]) => kind)).toEqual(['guard_stop']);
    expect(calls).toEqual(['stop', 'close']);
    expect(control.exitCause).toBe(nearLimit.reason);
  });

  it('a stop of the guard ends the load, and what sends nothing goes on', () => {
    const { control } = open();
    control.guardStop(nearLimit, 4000);
    expect({ hasEnded: control.hasEnded, isOver: control.isOver }).toEqual({ hasEnded: true, isOver: false });
    expect(control.causeAt(65_000)).toBe(
      'memory is at its limit; the load ended at 0:04, and the target was watched without load until 1:05',
    );
  });

  it.each([
    { why: 'nothing had been sent', planned: 0, stop: nearLimit },
    { why: 'the harness host is short', planned: 5, stop: { ...nearLimit, isTargetLimit: false } },
  ])('a stop of the guard ends the run where $why', ({ planned, stop }) => {
    const { control } = open({ planned });
    control.guardStop(stop, 4000);
    expect({ isOver: control.isOver, cause: control.causeAt(9000) }).toEqual({ isOver: true, cause: stop.reason });
  });

  it('a second stop ends what went on, and the load keeps its own reason', () => {
    const { control, events } = open();
    control.guardStop(nearLimit, 4000);
    control.guardStop({ ...nearLimit, reason: 'it rises on' }, 9000);
    control.guardStop({ ...nearLimit, reason: 'and on' }, 9500);
    expect(events.map(([, kind, , , detail]) => [kind, detail])).toEqual([
      ['guard_stop', nearLimit.reason],
      ['guard_end', 'it rises on'],
    ]);
    expect({ isOver: control.isOver, exitCause: control.exitCause }).toEqual({
      isOver: true,
      exitCause: nearLimit.reason,
    });
  });

  it('a signal ends what went on after the load', () => {
    const { control } = open();
    control.guardStop(nearLimit, 4000);
    control.interrupted('SIGINT');
    expect({ isOver: control.isOver, status: control.status }).toEqual({ isOver: true, status: 'stopped' });
  });
});
