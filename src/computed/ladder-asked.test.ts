import { describe, expect, it } from 'vitest';
import { event, record } from '../testing/build.ts';
import { ladderRun } from '../testing/ladder-run.ts';
import { ladder } from './ladder.ts';

describe('what a load by rate asks for', () => {
  const { footprint, stages, records, items } = ladderRun([{ vus: 10, peakMib: 300 }]);
  const load = { executor: 'constant-arrival-rate', rate: 10, arrivals: 'poisson', maxInFlight: 48 } as const;
  const byRate = stages.map((one) => (one.stage.load === null ? one : { ...one, stage: { ...one.stage, load } }));
  const crowd = Array.from({ length: 4 }, (_, index) =>
    record(1000 + index, { stage: 'vus-10', startMs: 12_000, endMs: 12_500 }),
  );

  it.each([
    { why: 'a moment that memory had room for was asked for by nobody', events: [], concurrency: 10 },
    {
      why: 'it may have been what killed',
      events: [event(12_400, 'oom_kill', { subject: 'child#9' })],
      concurrency: 14,
    },
  ])('is $concurrency at once: $why', ({ events, concurrency }) => {
    const found = ladder(footprint, byRate, events, { records: [...records, ...crowd], items, planned: [] });
    expect(found).toMatchObject({ asked: { concurrency } });
  });
});
