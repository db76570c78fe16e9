import { describe, expect, it } from 'vitest';
import { mib } from '../testing/build.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { fullBefore } from './full-before-load.ts';
import { heldUp, invalidAdvice, isWithoutSuccess, noneSucceeded } from './invalid-advice.ts';

const adviceFor = (reason: string, environment: Record<string, string> = {}): string =>
  invalidAdvice({ validity: { state: 'invalid', reasons: [reason] }, environment, command: 'bench run smoke' });

describe('what to do about an invalid run', () => {
  it.each([
    {
      why: 'a busy host shows in its load',
      reason: `${heldUp}: 1 % of the requests were sent 60 ms late or more.`,
      environment: { 'load average at start': '7.91 3.00 1.00', processor: 'x86, 2 logical cores' },
      says: 'Repeat it on a quieter host, or let bench run on another one than the server (load average at the start: 7.91 3.00 1.00 on 2 logical cores). Measure again: `bench run smoke`',
    },
    {
      why: 'a load that was not read is left out',
      reason: `${heldUp}.`,
      environment: {},
      says: 'Repeat it on a quieter host, or let bench run on another one than the server. Measure again: `bench run smoke`',
    },
    {
      why: 'a wrong request would be as wrong again',
      reason: `${noneSucceeded} 40 succeeded.`,
      environment: {},
      says: 'Mend what is asked (address, adapter, model, corpus or template), then measure again.',
    },
    {
      why: 'a full target is started anew',
      reason: `${fullBefore} 1.83 GiB of 2.00 GiB (92 %): restart it.`,
      environment: {},
      says: 'Restart the target, or wait until its memory has come back. If it holds as much right after its start, its limit leaves no room for load: raise it. Measure again: `bench run smoke`',
    },
    {
      why: 'else the same again',
      reason: 'The sampler was lost.',
      environment: {},
      says: 'Measure again: `bench run smoke`',
    },
  ])('$why', ({ reason, environment, says }) => {
    expect(adviceFor(reason, environment)).toBe(says);
  });

  it.each([
    { baseMib: 600, says: /^Restart the target first.*already held 600 MiB of 1\.00 GiB \(59 %\)\. Repeat it on a/ },
    { baseMib: 500, says: /^Repeat it on a/ },
  ])('a quieter host alone does not mend a run that began with $baseMib of 1024 MiB', ({ baseMib, says }) => {
    const memory = { ...emptyResult().memory, baselineBytes: baseMib * mib, limitBytes: 1024 * mib };
    const guard = { stoppedAtMs: 5000, reason: 'memory is at 90 %' };
    const run = { environment: {}, command: 'bench run smoke', memory, guard };
    expect(invalidAdvice({ ...run, validity: { state: 'invalid', reasons: [`${heldUp}.`] } })).toMatch(says);
  });

  it('knows a run without success by its reason', () => {
    expect(isWithoutSuccess({ validity: { state: 'invalid', reasons: [`${noneSucceeded} 12 succeeded.`] } })).toBe(
      true,
    );
    expect(isWithoutSuccess({ validity: { state: 'invalid', reasons: ['The sampler was lost.'] } })).toBe(false);
  });
});
