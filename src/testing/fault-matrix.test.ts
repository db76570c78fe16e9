import { describe, expect, it } from 'vitest';
import { detectors } from '../detectors/index.ts';
import { artifactsOf } from '../phases/analyze/artifacts.ts';
import { faults } from '../reference-server/faults/index.ts';
import { judgeVariant, simulateVariant } from './fault-world/judge-variant.ts';
import { missesOf, type Variant, variantsOf } from './fault-world/variants.ts';

const seed = 1;
const variants = faults.flatMap(variantsOf);
/** Runs of tens of minutes with ten thousand requests each: the long form has them all. */
const longProfiles = ['leak-rounds'];
const longFaults = ['lock-wedge'];

/** A cap on what is worked on at once is their remedy, or an arena gives back. */
const followsWhatIsInFlight = ['ungated-pool', 'unbounded-concurrency', 'arena-retain'];

/** Faulty and rightly fixed; false fixes are for the long form, which is `npm run bench:matrix`. */
function isShort({ name, fault, expectation }: Variant): boolean {
  const isFirstFix = name === 'fixed' || (fault.fixed.length === 1 && name === fault.fixed[0]);
  const isLong = longProfiles.includes(expectation.profile) || longFaults.includes(fault.id);
  return (name === 'faulty' || isFirstFix) && !isLong;
}

function rowOf(variant: Variant): [string, Variant] {
  const { fault, name, expectation } = variant;
  return [`${fault.id} ${name}, ${expectation.profile} in ${expectation.memoryLimitMib ?? 'all'} MiB`, variant];
}

describe('the matrix of faults in the modelled world', () => {
  it.each(variants.filter(isShort).map(rowOf))(
    '%s shows what its data expect and nothing else',
    async (_, variant) => {
      expect(await judgeVariant(variant, seed)).toEqual([]);
    },
    30_000,
  );

  it.each(variants.filter(({ fault }) => followsWhatIsInFlight.includes(fault.id)).map(rowOf))(
    'memory of %s is not said to follow what was answered',
    async (_, variant) => {
      const simulated = await simulateVariant(variant, seed);
      const run = simulated?.run;
      expect(run && artifactsOf(run, run.manifest.measured?.endMs ?? 0).driver).toEqual({ answers: null });
    },
    30_000,
  );

  it('names detectors that there are, and no fix that there is not', () => {
    const known = new Set(detectors.map(({ id }) => id));
    const named = variants.flatMap(({ expected }) => (expected === 'refuses' ? [] : Object.keys(expected)));
    expect(named.filter((id) => !known.has(id))).toEqual([]);
    const strangers = faults.flatMap(({ fixes, fixed, expected }) => [
      ...fixed.filter((fix) => !(fix in fixes)),
      ...expected.flatMap((one) => Object.keys(one.fixes ?? {}).filter((fix) => !(fix in fixes))),
    ]);
    expect(strangers).toEqual([]);
  });

  it('says of every false fix what it shows', () => {
    const unsaid = faults.flatMap(({ id, fixes, fixed, expected }) =>
      Object.keys(fixes)
        .filter((fix) => !fixed.includes(fix) && expected.some((one) => one.fixes?.[fix] === undefined))
        .map((fix) => `${id} ${fix}`),
    );
    // It ends the spin at the price of the clip, so that a run shows the same as with the right fix.
    expect(unsaid).toEqual(['requeue-spin retry-cap']);
  });

  it.each([
    ['a named detector that does not fail', { 'oom-kill': 'fail' }, 'ok', 1],
    ['an unnamed detector that warns', {}, 'warn', 1],
    ['an unnamed detector that cannot tell', {}, 'inconclusive', 0],
    ['one of the named verdicts', { 'oom-kill': ['ok', 'warn'] }, 'warn', 0],
  ] as const)('counts %s', (_why, expected, verdict, misses) => {
    const finding = {
      detector: 'oom-kill',
      verdict,
      title: '',
      summary: '',
      remedy: '',
      value: null,
      threshold: null,
      unit: '',
      stage: null,
      startedMs: null,
      evidence: { holder: null },
    };
    expect(missesOf([finding], expected)).toHaveLength(misses);
  });
});
