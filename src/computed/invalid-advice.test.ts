import { describe, expect, it } from 'vitest';
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
      why: 'else the same again',
      reason: 'The sampler was lost.',
      environment: {},
      says: 'Measure again: `bench run smoke`',
    },
  ])('$why', ({ reason, environment, says }) => {
    expect(adviceFor(reason, environment)).toBe(says);
  });

  it('knows a run without success by its reason', () => {
    expect(isWithoutSuccess({ validity: { state: 'invalid', reasons: [`${noneSucceeded} 12 succeeded.`] } })).toBe(
      true,
    );
    expect(isWithoutSuccess({ validity: { state: 'invalid', reasons: ['The sampler was lost.'] } })).toBe(false);
  });
});
