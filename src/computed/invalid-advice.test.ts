import { describe, expect, it } from 'vitest';
import type { Validity, ValidityCode } from '../model/validity.ts';
import { mib } from '../testing/build.ts';
import { emptyResult } from '../testing/empty-result.ts';
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
    {
      why: 'a full target is started anew',
      code: 'full-before-load' as const,
      says: `Restart the target, or wait until its memory has come back. If it holds as much right after its start, its limit leaves no room for load: raise it. ${again}`,
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

  it.each([
    { baseMib: 600, says: /^Restart the target first.*already held 600 MiB of 1\.00 GiB \(59 %\)\. Repeat it on a/ },
    { baseMib: 500, says: /^Repeat it on a/ },
  ])('a quieter host alone does not mend a run that began with $baseMib of 1024 MiB', ({ baseMib, says }) => {
    const memory = { ...emptyResult().memory, baselineBytes: baseMib * mib, limitBytes: 1024 * mib };
    const guard = { stoppedAtMs: 5000, reason: 'memory is at 90 %' };
    const run = { environment: {}, comparability: { must: {}, warn: {} }, command: 'bench run smoke', memory, guard };
    expect(invalidAdvice({ ...run, validity: invalid('late-requests') })).toMatch(says);
  });

  it.each(['--run-id mine', '--run-id=mine'])('a run that had %s is made again under another id', (option) => {
    const run = {
      environment: {},
      comparability: { must: {}, warn: {} },
      command: `bench run smoke ${option} --quiet`,
    };
    expect(invalidAdvice({ ...run, validity: invalid('sampler-lost') })).toMatch(/`bench run smoke --quiet`$/);
  });

  it('knows a run without success by its code', () => {
    expect(isWithoutSuccess({ validity: invalid('no-success') })).toBe(true);
    expect(isWithoutSuccess({ validity: invalid('sampler-lost') })).toBe(false);
    expect(isWithoutSuccess({ validity: invalid(null) })).toBe(false);
  });
});
