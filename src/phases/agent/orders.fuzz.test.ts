import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damaged } from '../../testing/damaged.ts';
import { parseInterval, parseOrder, parseTick, plainText } from './order.ts';

const order = JSON.stringify({
  observe: { by: 'pid', pid: 7 },
  address: {
    url: 'http://127.0.0.1:8000',
    healthPath: '/health',
    readyPath: null,
    metricsUrl: null,
    deviceMonitor: null,
  },
  intervalMs: 250,
  skipProbes: ['pss'],
});
const cgroup = order.replace('{"by":"pid","pid":7}', '{"by":"cgroup","path":"/system.slice/stt.service"}');
const tick = JSON.stringify({ stage: 'half', kind: 'load', quiesced: false });

const textsIn = (value: unknown): readonly string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];
const numbersIn = (value: unknown): readonly number[] =>
  typeof value === 'number'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(numbersIn)
      : [];

describe('what a run asks of an agent', () => {
  it('is taken with texts of one line and finite numbers, or refused in one line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged(order, cgroup, tick, '{"intervalMs":100}', '')), (text) => {
        for (const parsed of [parseOrder(text), parseTick(text), parseInterval(text)]) {
          if ('refused' in parsed) {
            expect(parsed.refused).toMatch(plainText);
            expect(parsed.refused.length).toBeLessThanOrEqual(200);
          } else {
            expect(textsIn(parsed.value).every((held) => plainText.test(held))).toBe(true);
            expect(numbersIn(parsed.value).every((held) => Number.isFinite(held) && held > 0)).toBe(true);
          }
        }
      }),
    );
  });

  it('of a group never leads out of the file system of groups', () => {
    const path = fc.array(fc.constantFrom('..', '.', 'a', '', '...', '%2e%2e'), { maxLength: 6 });
    fc.assert(
      fc.property(path, (steps) => {
        const text = JSON.stringify({
          ...(JSON.parse(order) as object),
          observe: { by: 'cgroup', path: `/${steps.join('/')}` },
        });
        expect('value' in parseOrder(text)).toBe(!steps.includes('..'));
      }),
    );
  });
});
