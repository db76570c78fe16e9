import type { EngineSession } from '../../model/engine.ts';
import type { OpenProbe, Sample } from '../../model/probe.ts';
import type { Recorder } from './recorder.ts';

/** What the engine holds open: not a probe of anything outside, so it stands here. */
export function clientLoad(session: EngineSession, recorder: Recorder): OpenProbe {
  const sample = (metric: string, value: number): Sample => ({ scope: 'client', instance: 'harness', metric, value });
  const board = (): Sample[] => {
    const state = session.boardState?.();
    return state === undefined
      ? []
      : [
          sample('tasks_waiting', state.waiting),
          sample('tasks_reserved', state.reserved),
          sample('answers_duplicate', state.duplicates),
          sample('answers_late', state.late),
          sample('leases_expired', state.expired),
          sample('requests_refused', state.refused),
        ];
  };
  return {
    read: () =>
      Promise.resolve({
        samples: [
          sample('in_flight', session.inFlight()),
          sample('audio_seconds_in_flight', session.audioSecondsInFlight()),
          sample('answered_total', recorder.answered),
          ...board(),
        ],
        events: [],
      }),
    close: () => Promise.resolve(),
  };
}
