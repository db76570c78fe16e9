import { describe, expect, it } from 'vitest';
import { emptyResult } from '../testing/empty-result.ts';
import { exitCodeOf, firstOfExitCodes } from './exit-code.ts';

describe('exit-code', () => {
  it.each([
    ['nothing ran', [], 0],
    ['all is well', [0, 0, 0], 0],
    ['one of three failed', [0, 1, 0], 1],
    ['an invalid repeat beats a failed one', [1, 3, 0], 3],
    ['a missing target beats an invalid run', [3, 5], 5],
    ['a signal beats every verdict', [1, 130], 130],
    ['our own bug beats all', [143, 70, 2], 70],
    ['a missing baseline is told only where nothing else is wrong', [0, 4, 0], 4],
  ])('takes, where %s (%j), %i', (_why, codes, expected) => {
    expect(firstOfExitCodes(codes)).toBe(expected);
  });

  it.each([
    ['an invalid run', emptyResult(), false, null, 3],
    [
      'a valid and healthy one',
      { ...emptyResult(), verdict: 'ok', validity: { state: 'valid', reasons: [] } },
      false,
      null,
      0,
    ],
    [
      'a search that confirmed no number, whatever its findings say',
      {
        ...emptyResult(),
        verdict: 'warn',
        validity: { state: 'valid', reasons: [] },
        search: { kneeVus: null, lastGoodVus: 8, firstBrokenVus: 16, confirmedVus: null, why: '', steps: [] },
      },
      false,
      null,
      1,
    ],
    [
      'a search that confirmed one',
      {
        ...emptyResult(),
        verdict: 'warn',
        validity: { state: 'valid', reasons: [] },
        search: { kneeVus: null, lastGoodVus: 8, firstBrokenVus: 16, confirmedVus: 8, why: '', steps: [] },
      },
      false,
      null,
      0,
    ],
    ['a warning', { ...emptyResult(), verdict: 'warn', validity: { state: 'valid', reasons: [] } }, false, null, 0],
    [
      'a warning under --strict',
      { ...emptyResult(), verdict: 'warn', validity: { state: 'valid', reasons: [] } },
      true,
      null,
      1,
    ],
    ['a run that Ctrl-C ended', emptyResult(), false, 'SIGINT', 130],
    ['a run that was told to end', emptyResult(), false, 'SIGTERM', 143],
    ['a detector that threw', { ...emptyResult(), runtimeErrors: [{ where: 'x', stack: 'y' }] }, false, 'SIGINT', 70],
  ] as const)('leaves after %s', (_what, result, strict, signal, expected) => {
    expect(exitCodeOf(result, { strict, signal })).toBe(expected);
  });
});
