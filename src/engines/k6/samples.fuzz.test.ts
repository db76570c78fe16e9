import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damaged } from '../../testing/damaged.ts';
import { parseSample } from './samples.ts';

const point = (metric: string, metadata: object): string =>
  `{"metric":"${metric}","type":"Point","data":${JSON.stringify({ time: '2026-11-21T19:29:40.123456789Z', value: 1, tags: { plan: 'p', scenario: 's' }, metadata })}}`;

describe('a line of k6', () => {
  it.each([
    ['one whose point is not there', '{"metric":"headroom_begun","type":"Point"}'],
    ['one whose point is null', '{"metric":"headroom_begun","type":"Point","data":null}'],
    ['one whose place is cut', point('headroom_begun', { seq: '1', at: '["a",1' })],
    ['a word that every object has', '{"metric":"constructor","type":"Point","data":{}}'],
  ])('is null for %s', (_why, line) => {
    expect(parseSample(line)).toBeNull();
  });

  it('is a sample or null, however it is damaged', () => {
    const whole = ['headroom_begun', 'headroom_ended', 'data_sent', 'dropped_iterations'].map((metric) =>
      point(metric, { seq: '1', at: '["load",1,0,5]', reply: '{"status":200}' }),
    );
    fc.assert(
      fc.property(damaged(...whole), (line) => {
        expect(['object'].includes(typeof parseSample(line))).toBe(true);
      }),
    );
  });
});
