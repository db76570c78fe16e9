import { describe, expect, it } from 'vitest';
import { record, stageWindowsOf } from '../testing/build.ts';
import { neighbourStages } from './neighbour.ts';

const stages = stageWindowsOf([
  ['base', 'idle', 10],
  ['storm', 'load', 10],
  ['after', 'silence', 10],
]);

describe('the neighbour in each stage', () => {
  it('has its availability, its latency and the codes of its failures', () => {
    const records = [
      record(0, { stage: 'base' }),
      record(1, { stage: 'storm', plannedMs: 1000, endMs: 4000 }),
      record(2, { stage: 'storm', outcome: 'http_error', status: 502, errorCode: 'upstream_failed' }),
      record(3, { stage: 'storm', outcome: 'timeout', errorCode: null }),
      record(4, { stage: 'storm', outcome: 'http_error', errorCode: 'upstream_failed' }),
    ];
    expect(neighbourStages(records, stages)).toMatchObject([
      { name: 'base', kind: 'idle', asked: 1, answered: 1, availabilityRatio: 1, latencyMs: { p50: 500 }, errors: {} },
      {
        name: 'storm',
        asked: 4,
        answered: 1,
        availabilityRatio: 0.25,
        latencyMs: { max: 3000 },
        errors: { upstream_failed: 2, timeout: 1 },
      },
      { name: 'after', asked: 0, answered: 0, availabilityRatio: null, latencyMs: { p50: null } },
    ]);
  });

  it('is not held to have failed what we let go ourselves', () => {
    const open = record(0, { stage: 'base', outcome: 'in_flight_at_end', errorCode: null });
    expect(neighbourStages([open], stages)[0]).toMatchObject({ asked: 0, availabilityRatio: null, errors: {} });
  });
});
