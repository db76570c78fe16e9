import { describe, expect, it } from 'vitest';
import type { Validity, ValidityCode } from '../model/validity.ts';
import { invalidAdvice, isWithoutSuccess } from './invalid-advice.ts';

/** As an older bench wrote it where `code` is null. */
const invalid = (code: ValidityCode | null): Validity => ({
  state: 'invalid',
  reasons: ['A sentence that nothing reads.'],
  ...(code === null ? {} : { codes: [code] }),
});
const again = 'Measure again: `bench run smoke`';
const elsewhere = 'Repeat it on a quieter host, or let bench run on another one than the server';

describe('what to do about an invalid run', () => {
  it.each([
    {
      why: 'a busy host shows in its load',
      code: 'late-requests' as const,
      load: '7.91 3.00 1.00',
      cores: '2',
      says: `${elsewhere} (load average at the start: 7.91 3.00 1.00 on 2 logical cores). ${again}`,
    },
    {
      why: 'the number of cores may not be known',
      code: 'event-loop-lag' as const,
      load: '7.91 3.00 1.00',
      cores: null,
      says: `${elsewhere} (load average at the start: 7.91 3.00 1.00). ${again}`,
    },
    { why: 'a load that was not read is left out', code: 'event-loop-lag' as const, says: `${elsewhere}. ${again}` },
    {
      why: 'a wrong request would be as wrong again',
      code: 'no-success' as const,
      says: 'Mend what is asked (address, adapter, model, corpus or template), then measure again.',
    },
    { why: 'else the same again', code: 'sampler-lost' as const, says: again },
    { why: 'an older result told sentences only', code: null, says: again },
  ])('$why', ({ code, load, cores = null, says }) => {
    const told = invalidAdvice({
      validity: invalid(code),
      environment: load === undefined ? {} : { 'load average at start': load },
      comparability: { must: { 'logical cores': cores }, warn: {} },
      command: 'bench run smoke',
    });
    expect(told).toBe(says);
  });

  it('knows a run without success by its code', () => {
    expect(isWithoutSuccess({ validity: invalid('no-success') })).toBe(true);
    expect(isWithoutSuccess({ validity: invalid('sampler-lost') })).toBe(false);
    expect(isWithoutSuccess({ validity: invalid(null) })).toBe(false);
  });
});
