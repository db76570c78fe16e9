import { describe, expect, it } from 'vitest';
import { profileError } from '../testing/profile-error.ts';
import { detectorIds, steady, warmup, withStages } from '../testing/profile-text.ts';

describe('parseProfile', () => {
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
      'profiles/x.yaml:5:66 stages[0].rate: must be a number above 0, or such as "1.2 x warmup audio-seconds" or "0.5 x burst-64 rps", not -1.',
      'profiles/README.md and profiles/profile.schema.json say what a profile holds.',
    ],
    [
      'a rate without a unit',
      withStages(warmup, steady('1.2 x warm')),
      'profiles/x.yaml:6:66 stages[1].rate: must be a number above 0, or such as "1.2 x warmup audio-seconds" or "0.5 x burst-64 rps", not "1.2 x warm".',
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
      'Add one of constant-vus, ramping-vus, shared-iterations, per-vu-iterations, constant-arrival-rate, ramping-arrival-rate, burst.',
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
    expect(profileError(text)).toEqual({ code: 'PROFILE_INVALID', message, hint });
  });
});
