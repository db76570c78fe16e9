import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damaged } from '../../testing/damaged.ts';
import { parseK6Version } from './find-k6.ts';
import { parseSample, wallMsOf } from './samples.ts';

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
        const sample = parseSample(line);
        const place = sample === null || !('at' in sample) ? [] : [sample.at.n, sample.at.slot, sample.at.zeroWallMs];
        const figures = sample === null ? [] : [sample.wallMs, 'bytes' in sample ? sample.bytes : 0, ...place];
        expect(figures.filter((value) => !Number.isFinite(value))).toEqual([]);
      }),
    );
  });
});

describe('what else k6 prints', () => {
  it('is a version of k6 or none', () => {
    fc.assert(
      fc.property(damaged('k6 v2.2.0 (go1.26.8, linux/amd64)', 'k6.exe v2.2.0', ''), (text) => {
        expect(parseK6Version(text) ?? 'v2.0.0').toMatch(/^v\d+\.\d+\.\d+\S*$/);
      }),
    );
  });

  it('is a time to the microsecond, or NaN, by which a line is left out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.nat({ max: 999_999 }), (ms, nanos) => {
        const text = new Date(ms).toISOString().replace('Z', `${String(nanos).padStart(6, '0')}Z`);
        expect(Math.abs(wallMsOf(text) - (ms + nanos / 1e6))).toBeLessThan(1e-3);
      }),
    );
    fc.assert(
      fc.property(damaged('2026-11-21T19:29:40.123456789Z', ''), (time) => {
        const sample = parseSample(
          point('data_sent', { seq: '1', at: '["load",1,0,5]' }).replace(/2026[^"]*Z/, () =>
            time.replaceAll(/["\\\n]/g, ''),
          ),
        );
        expect(sample === null || Number.isFinite(sample.wallMs)).toBe(true);
      }),
    );
  });
});
