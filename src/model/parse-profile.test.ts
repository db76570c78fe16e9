import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { parseProfile, profileHash, scaleProfile, toYaml } from './parse-profile.ts';
import type { ResolvedProfile } from './profile.ts';
import { profileJsonSchema } from './profile-schema.ts';

const detectorIds = [
  'oom-kill',
  'process-restart',
  'low-headroom',
  'growth-without-load',
  'retained-memory',
  'memory-stall',
  'probe-failure',
  'masked-failure',
];
const folder = new URL('../../profiles/', import.meta.url);

function parse(text: string): ResolvedProfile {
  return parseProfile(text, 'profiles/x.yaml', detectorIds);
}

function withStages(...stages: readonly string[]): string {
  return ['name: x', 'question: q', 'corpus: c', 'stages:', ...stages.map((stage) => `  - { ${stage} }`)].join('\n');
}

const warmup = 'name: warm, kind: warmup, executor: constant-vus, vus: 2, for: 5s';
const steady = (rate: string): string =>
  `name: steady, kind: load, executor: constant-arrival-rate, rate: ${rate}, for: 5s`;

/** Message and hint of the error that a text brings. */
function errorOf(text: string): { code: string; message: string; hint: string | null } {
  try {
    parse(text);
  } catch (error: unknown) {
    if (error instanceof BenchError) {
      return { code: error.code, message: error.message, hint: error.hint };
    }
    throw error;
  }
  throw new Error('The profile was accepted.');
}

const everyExecutor = withStages(
  'name: base, kind: idle, for: 1m',
  `${warmup}, thinkTime: 250ms`,
  'name: up, kind: load, executor: ramping-arrival-rate, fromRate: 0.5, toRate: 2 x warm rps, for: 1m',
  'name: hold, kind: load, executor: constant-arrival-rate, rate: 1.2 x warm audio-seconds, arrivals: poisson, for: 8h',
  'name: burst, kind: load, executor: burst, size: 3, repeats: 2, every: 5s, for: 20s, pick: longest',
  'name: drain, kind: cooldown, for: 30s',
);

describe('parseProfile', () => {
  it('fills in every default', () => {
    expect(parse(withStages(steady('0.25'), 'name: quiet, kind: silence, for: 2m'))).toEqual({
      name: 'x',
      question: 'q',
      corpus: 'c',
      adapter: 'openai-transcription',
      seed: 1,
      scale: 1,
      sampleIntervalMs: 1000,
      referenceTimeScale: 1,
      thresholds: {},
      requires: [],
      stages: [
        {
          name: 'steady',
          kind: 'load',
          load: { executor: 'constant-arrival-rate', rate: 0.25, arrivals: 'uniform', maxInFlight: 256 },
          durationMs: 5000,
          timeoutMs: 60_000,
          pick: 'shuffled',
        },
        { name: 'quiet', kind: 'silence', load: null, durationMs: 120_000, timeoutMs: 60_000, pick: 'shuffled' },
      ],
    });
  });

  it('reads every executor and both units of a rate', () => {
    expect(parse(everyExecutor).stages.map((stage) => stage.load)).toEqual([
      null,
      { executor: 'constant-vus', vus: 2, thinkMs: 250 },
      {
        executor: 'ramping-arrival-rate',
        fromRate: 0.5,
        toRate: { times: 2, of: 'warm', unit: 'requests' },
        arrivals: 'uniform',
        maxInFlight: 256,
      },
      {
        executor: 'constant-arrival-rate',
        rate: { times: 1.2, of: 'warm', unit: 'audioSeconds' },
        arrivals: 'poisson',
        maxInFlight: 256,
      },
      { executor: 'burst', size: 3, repeats: 2, everyMs: 5000, maxInFlight: 6 },
      null,
    ]);
  });

  it('a burst without a length lasts until its last request must have been answered', () => {
    const text = withStages('name: b, kind: load, executor: burst, size: 64, repeats: 3, every: 10s, timeout: 30m');
    expect(parse(text).stages[0]?.durationMs).toBe(20_000 + 1_800_000);
  });

  it.each<[title: string, text: string, message: string, hint: string]>([
    [
      'an unknown key of a stage',
      withStages('name: a, kind: idle, for: 5s, excutor: burst'),
      'profiles/x.yaml:5:37 stages[0].excutor: there is no key "excutor" here.',
      'Did you mean "executor"?',
    ],
    [
      'an unknown key of the profile',
      `${withStages(warmup)}\nthreshold: {}`,
      'profiles/x.yaml:6:1 threshold: there is no key "threshold" here.',
      'Did you mean "thresholds"?',
    ],
    [
      'a missing key',
      'name: x\nquestion: q\nstages: []',
      'profiles/x.yaml:1:1 corpus: is missing.',
      'profiles/README.md and profiles/profile.schema.json say what a profile holds.',
    ],
    [
      'no stage',
      'name: x\nquestion: q\ncorpus: c\nstages: []',
      'profiles/x.yaml:4:1 stages: must have at least one stage.',
      'profiles/README.md and profiles/profile.schema.json say what a profile holds.',
    ],
    [
      'an unknown kind',
      withStages('name: a, kind: idel, for: 5s'),
      'profiles/x.yaml:5:16 stages[0].kind: must be one of idle, warmup, load, lull, cooldown, silence, canary, not "idel".',
      'profiles/README.md and profiles/profile.schema.json say what a profile holds.',
    ],
    [
      'a duration without a unit',
      withStages('name: a, kind: idle, for: 5'),
      'profiles/x.yaml:5:28 stages[0].for: must be a duration such as 250ms, 5s, 5m or 8h, not 5.',
      'profiles/README.md and profiles/profile.schema.json say what a profile holds.',
    ],
    [
      'a duration of zero',
      withStages('name: a, kind: idle, for: 0s'),
      'profiles/x.yaml:5:28 stages[0].for: 0s is too short.',
      'Give it at least 1ms.',
    ],
    [
      'a negative rate',
      withStages(steady('-1')),
      'profiles/x.yaml:5:67 stages[0].rate: must be a number above 0, or such as "1.2 x warmup audio-seconds" or "0.5 x burst-64 rps", not -1.',
      'profiles/README.md and profiles/profile.schema.json say what a profile holds.',
    ],
    [
      'a rate without a unit',
      withStages(warmup, steady('1.2 x warm')),
      'profiles/x.yaml:6:67 stages[1].rate: must be a number above 0, or such as "1.2 x warmup audio-seconds" or "0.5 x burst-64 rps", not "1.2 x warm".',
      'profiles/README.md and profiles/profile.schema.json say what a profile holds.',
    ],
    [
      'a rate of nothing',
      withStages(warmup, steady('0 x warm rps')),
      'profiles/x.yaml:6:66 stages[1].rate: the factor of "0 x warm rps" is 0.',
      'Give a factor above 0.',
    ],
    [
      'a rate of a misspelt stage',
      withStages(warmup, steady('1.2 x wram rps')),
      'profiles/x.yaml:6:66 stages[1].rate: "wram" is no earlier stage with a load.',
      'Did you mean "warm"?',
    ],
    [
      'a rate of a later stage',
      withStages(steady('1.2 x warm rps'), warmup),
      'profiles/x.yaml:5:66 stages[0].rate: "warm" is no earlier stage with a load.',
      'There is none before this one.',
    ],
    [
      'a rate of a stage without load',
      withStages('name: base, kind: idle, for: 5s', warmup, steady('1 x base rps')),
      'profiles/x.yaml:7:66 stages[2].rate: "base" is no earlier stage with a load.',
      'Such stages: warm.',
    ],
    [
      'two stages of one name',
      withStages(warmup, warmup),
      'profiles/x.yaml:6:7 stages[1].name: there is a stage "warm" before this one.',
      'Give each stage its own name.',
    ],
    [
      'a load in a quiet stage',
      withStages('name: a, kind: lull, for: 5s, executor: burst, size: 3'),
      'profiles/x.yaml:5:37 stages[0].executor: a stage of kind lull has no load.',
      'Remove `executor`, or make the kind load, warmup or canary.',
    ],
    [
      'a quiet stage that says how many',
      withStages('name: a, kind: lull, for: 5s, vus: 3'),
      'profiles/x.yaml:5:37 stages[0].vus: a stage of kind lull takes no `vus`.',
      'Remove `vus`.',
    ],
    [
      'a canary without a load',
      withStages('name: a, kind: canary, for: 5s'),
      'profiles/x.yaml:5:5 stages[0]: a stage of kind canary needs `executor`.',
      'Add one of constant-vus, constant-arrival-rate, ramping-arrival-rate, burst.',
    ],
    [
      'an executor without what it needs',
      withStages('name: a, kind: load, executor: ramping-arrival-rate, fromRate: 1, for: 5s'),
      'profiles/x.yaml:5:5 stages[0]: executor ramping-arrival-rate needs `toRate`.',
      'Add `toRate` to this stage.',
    ],
    [
      'a key that its executor does not take',
      withStages(`${warmup}, maxInFlight: 3`),
      'profiles/x.yaml:5:74 stages[0].maxInFlight: executor constant-vus takes no `maxInFlight`.',
      'Remove `maxInFlight`.',
    ],
    [
      'bursts without a gap',
      withStages('name: a, kind: load, executor: burst, size: 3, repeats: 2'),
      'profiles/x.yaml:5:54 stages[0].repeats: 2 bursts need `every`.',
      'Add `every`, the time between two bursts.',
    ],
    [
      'a burst after the end of its stage',
      withStages('name: a, kind: load, executor: burst, size: 3, repeats: 3, every: 5s, for: 10s'),
      'profiles/x.yaml:5:77 stages[0].for: 10s ends before the last burst.',
      'Lengthen it, or lower `repeats` or `every`.',
    ],
    [
      'a misspelt detector',
      `${withStages(warmup)}\nthresholds: { oom-kil: warn }`,
      'profiles/x.yaml:6:15 thresholds.oom-kil: there is no detector "oom-kil".',
      'Did you mean "oom-kill"?',
    ],
    [
      'an unknown detector among the required ones',
      `${withStages(warmup)}\nrequires: [oom-kill, weather]`,
      'profiles/x.yaml:6:22 requires[1]: there is no detector "weather".',
      `Known: ${detectorIds.join(', ')}.`,
    ],
    [
      'an interval that no sampler keeps',
      `${withStages(warmup)}\nsampleInterval: 10ms`,
      'profiles/x.yaml:6:1 sampleInterval: 10ms is too short.',
      'Give it at least 100ms.',
    ],
    [
      'text that is no YAML',
      'name: x\nquestion: "q',
      'profiles/x.yaml:2:13 Missing closing "quote',
      'Mend the YAML there; strings with a colon or a # need quotes.',
    ],
  ])('%s is refused at its place', (_title, text, message, hint) => {
    expect(errorOf(text)).toEqual({ code: 'PROFILE_INVALID', message, hint });
  });
});

describe('scaleProfile', () => {
  it('multiplies durations, timeouts, think times and gaps, and leaves rates', () => {
    const { stages, scale, referenceTimeScale } = scaleProfile(parse(everyExecutor), 0.1);
    expect({ scale, referenceTimeScale }).toEqual({ scale: 0.1, referenceTimeScale: 0.1 });
    expect(stages.map((stage) => stage.durationMs)).toEqual([6000, 500, 6000, 2_880_000, 2000, 3000]);
    expect(stages.every((stage) => stage.timeoutMs === 6000)).toBe(true);
    expect(stages[1]?.load).toEqual({ executor: 'constant-vus', vus: 2, thinkMs: 25 });
    expect(stages[2]?.load).toMatchObject({ fromRate: 0.5 });
    expect(stages[4]?.load).toMatchObject({ everyMs: 500, size: 3 });
  });

  it.each<[string, number, string, number]>([
    ['shrinks with the scale', 0.5, '1s', 500],
    ['does not fall below 250 ms', 0.01, '1s', 250],
    ['stays where the profile asks for less than 250 ms', 0.1, '100ms', 100],
    ['never grows', 10, '1s', 1000],
  ])('the sample interval %s', (_title, factor, interval, expected) => {
    const profile = parse(`${withStages(warmup)}\nsampleInterval: ${interval}`);
    expect(scaleProfile(profile, factor).sampleIntervalMs).toBe(expected);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('%d is no scale', (factor) => {
    expect(() => scaleProfile(parse(everyExecutor), factor)).toThrow(`The scale ${factor} is no factor above 0.`);
  });

  it('a scaled profile has another identity, and scale 1 the same', () => {
    const profile = parse(everyExecutor);
    expect(profileHash(scaleProfile(profile, 1), 'd')).toBe(profileHash(profile, 'd'));
    expect(profileHash(scaleProfile(profile, 0.5), 'd')).not.toBe(profileHash(profile, 'd'));
    expect(profileHash(profile, 'e')).not.toBe(profileHash(profile, 'd'));
  });
});

describe('toYaml', () => {
  it('a resolved profile is a profile again', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 10, noNaN: true }), (factor) => {
        const resolved = scaleProfile(parse(everyExecutor), factor);
        expect(parse(toYaml(resolved))).toEqual(resolved);
      }),
    );
  });
});

describe('profiles/', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const read = (name: string): ResolvedProfile => parse(readFileSync(new URL(name, folder), 'utf8'));
  const lengthMs = (profile: ResolvedProfile): number =>
    profile.stages.reduce((sum, stage) => sum + stage.durationMs, 0);

  it.each(names)('%s parses and is named as its file', (name) => {
    expect(`${read(name).name}.yaml`).toBe(name);
    expect(parse(toYaml(read(name)))).toEqual(read(name));
  });

  it('the main story takes about twelve minutes, and less than 75 s at a scale of 0.1', () => {
    expect(lengthMs(read('longform-sustained.yaml'))).toBe(730_000);
    expect(lengthMs(scaleProfile(read('longform-sustained.yaml'), 0.1))).toBeLessThan(75_000);
  });

  it('the smoke profile takes less than 40 s', () => {
    expect(lengthMs(read('smoke.yaml'))).toBeLessThan(40_000);
  });

  it('profile.schema.json is what the parser checks', () => {
    const written: unknown = JSON.parse(readFileSync(new URL('profile.schema.json', folder), 'utf8'));
    const update = [
      'npm run build && node --input-type=module -e',
      `"import { writeFileSync } from 'node:fs'; import { profileJsonSchema } from './dist/model/profile-schema.js';`,
      `writeFileSync('profiles/profile.schema.json', JSON.stringify(profileJsonSchema()))"`,
      '&& npx biome format --write profiles/profile.schema.json',
    ].join(' ');
    expect(written, `Out of date. Update it with: ${update}`).toEqual(profileJsonSchema());
  });
});
