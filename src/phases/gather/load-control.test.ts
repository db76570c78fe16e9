import { describe, expect, it } from 'vitest';
import type { EngineSession } from '../../model/engine.ts';
import { manualClock } from '../../testing/manual-clock.ts';
import { LoadControl } from './load-control.ts';
import type { Recorder } from './recorder.ts';

const overloaded = { when: 'error-ratio', reason: '30 of 40 requests failed' } as const;
const nearLimit = { reason: 'memory is at its limit', isTargetLimit: true, projectedMsToLimit: null };

function open() {
  const calls: string[] = [];
  const events: unknown[][] = [];
  const session = {
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
});
