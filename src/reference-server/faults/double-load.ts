import type { ExpectedVerdicts } from '../../model/fault.ts';
import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

const checked = { memcheck: true, 'lazy-weights': false };

const faulty = {
  'cold-multiplier': 'fail',
  'low-headroom': ['ok', 'not-applicable'],
  'oom-kill': 'ok',
  'growth-without-load': ['ok', 'not-applicable'],
  'retained-memory': ['ok', 'not-applicable'],
} as const satisfies ExpectedVerdicts;

/** 8 x 256 MiB at 512 MiB a second leave less than 5 s of warning; the dead server answers no health question. */
const killed = {
  ...faulty,
  'oom-kill': 'fail',
  'low-headroom': 'fail',
  'cold-multiplier': ['fail', 'inconclusive'],
  'probe-failure': free,
  'process-restart': free,
} as const satisfies ExpectedVerdicts;

/** Four seconds of loading, so that a stampede falls into them; the estimate with its headroom is 799 MiB. */
export const doubleLoad: Fault = {
  id: 'double-load',
  story: 'Every caller that comes while the weights load begins a load of its own.',
  service: 'weights',
  knobs: {
    'infer-weights-mib': 256,
    'load-mib-s': 64,
    'lazy-weights': true,
    'single-flight': false,
    memcheck: false,
  },
  fixes: {
    'single-flight': { 'single-flight': true },
    'eager-load': { 'lazy-weights': false },
    // Alone it changes nothing: weights that are loaded lazily are not checked.
    memcheck: { memcheck: true },
    // Both were tried: quantised weights counted as floats refuse a model that fits, or are not looked at.
    'memcheck-float-width': { ...checked, 'memcheck-sizing': 'float-width', 'model-bits': 4.5 },
    'memcheck-skip-quantised': { ...checked, 'memcheck-sizing': 'skip-quantised', 'model-bits': 4.5 },
  },
  fixed: ['single-flight', 'eager-load', 'memcheck'],
  expected: [
    {
      profile: 'cold-start-stampede',
      memoryLimitMib: 4096,
      faulty,
      fixed: {
        'cold-multiplier': ['ok', 'not-applicable'],
        'low-headroom': ['ok', 'not-applicable'],
        'oom-kill': 'ok',
        'growth-without-load': ['ok', 'not-applicable'],
        'retained-memory': ['ok', 'not-applicable'],
      },
      fixes: {
        memcheck: faulty,
        'memcheck-float-width': {},
        'memcheck-skip-quantised': { 'oom-kill': 'ok' },
      },
    },
    {
      profile: 'cold-start-stampede',
      // One copy fits and its estimate too, eight do not: the kill comes before one call was measured alone.
      memoryLimitMib: 1024,
      faulty: killed,
      fixed: {
        'cold-multiplier': ['ok', 'not-applicable'],
        'low-headroom': ['ok', 'not-applicable'],
        'oom-kill': 'ok',
        'growth-without-load': ['ok', 'not-applicable'],
        'retained-memory': ['ok', 'not-applicable'],
      },
      fixes: {
        memcheck: killed,
        'memcheck-float-width': 'refuses',
        'memcheck-skip-quantised': { 'oom-kill': 'ok' },
      },
    },
  ],
};
