import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMonitorReading } from '../../base/device-monitor.ts';
import { damaged } from '../../testing/damaged.ts';
import { parseLine } from '../agent/lines.ts';
import { parseAnswer } from '../prometheus/query.ts';

const matrix = JSON.stringify({
  status: 'success',
  data: {
    resultType: 'matrix',
    result: [
      {
        metric: { pod: 'a' },
        values: [
          [1_700_000_000, '12.5'],
          [1_700_000_015, 'NaN'],
        ],
      },
    ],
  },
});
const batch = JSON.stringify({
  seq: 3,
  batch: {
    tMs: 5,
    stage: 'load',
    quality: 'ok',
    samples: [{ probe: 'p', scope: 'host', instance: 'host', metric: 'm', value: 1 }],
  },
});
const lines = [
  batch,
  '{"seq":1,"event":{"tMs":1,"kind":"oom_kill","subject":"target","detail":"x"}}',
  '{"gap":{"firstSeq":7,"batchesBefore":3}}',
  '{"seq":2,"lost":"why"}',
];

describe('what another host answers', () => {
  it('as Prometheus is points with finite numbers, or a refusal', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged(matrix)), (body) => {
        const answer = parseAnswer(200, body);
        const points = answer.ok ? answer.series.flatMap((series) => series.points) : [];
        expect(points.every(({ wallMs, value }) => Number.isFinite(wallMs) && Number.isFinite(value))).toBe(true);
      }),
    );
  });

  it('as an agent is a line of a known kind, whatever it sends', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged(...lines)), (text) => {
        expect(parseLine(text).kind).toBeTypeOf('string');
      }),
    );
  });

  it('as a device monitor is a reading or null', () => {
    fc.assert(
      fc.property(fc.object(), (answer) => {
        expect(parseMonitorReading(answer) === null || 'usedBytes' in answer).toBe(true);
      }),
    );
  });
});
