import { describe, expect, it } from 'vitest';
import { profileError } from '../testing/profile-error.ts';
import { warmup, withStages } from '../testing/profile-text.ts';

const where = 'profiles/README.md and profiles/profile.schema.json say what a profile holds.';
const patient = `${warmup}, timeout: 10s`;
const calls = 'adapter: openai-chat, corpus: c, every: 10s, timeout: 5s';
const steps = 'fromVus: 1, toVus: 8, step: 5s';
const beside = (key: string): string => `${withStages(warmup)}\n${key}`;

describe('parseProfile, of clients and of what stands beside the stages', () => {
  it.each<[title: string, text: string, message: string, hint: string]>([
    [
      'shared iterations without a number',
      withStages('name: a, kind: load, executor: shared-iterations, vus: 2, for: 5s'),
      'profiles/x.yaml:5:5 stages[0]: executor shared-iterations needs `iterations`.',
      'Add `iterations` to this stage.',
    ],
    [
      'a ramp of VUs with a constant number',
      withStages('name: a, kind: load, executor: ramping-vus, fromVus: 1, toVus: 2, vus: 2, for: 5s'),
      'profiles/x.yaml:5:73 stages[0].vus: executor ramping-vus takes no `vus`.',
      'Remove `vus`.',
    ],
    [
      'no iteration',
      withStages('name: a, kind: load, executor: per-vu-iterations, vus: 2, iterations: 0, for: 5s'),
      'profiles/x.yaml:5:65 stages[0].iterations: must be a whole number from 1 to 1000000, not 0.',
      where,
    ],
    [
      'an impatient client of a quiet stage',
      withStages('name: a, kind: lull, for: 5s, abandonAfter: 1s'),
      'profiles/x.yaml:5:37 stages[0].abandonAfter: a stage of kind lull takes no `abandonAfter`.',
      'Remove `abandonAfter`.',
    ],
    [
      'retries of a client that never lets go',
      withStages(`${patient}, retries: 2`),
      'profiles/x.yaml:5:88 stages[0].retries: `retries` needs `abandonAfter`.',
      'Add `abandonAfter`, such as `abandonAfter: 180s`.',
    ],
    [
      'a pause before no retry',
      withStages(`${patient}, retryPause: 2s`),
      'profiles/x.yaml:5:88 stages[0].retryPause: `retryPause` needs `abandonAfter`.',
      'Add `abandonAfter`, such as `abandonAfter: 180s`.',
    ],
    [
      'letting go of what has timed out',
      withStages(`${patient}, abandonAfter: 10s`),
      'profiles/x.yaml:5:88 stages[0].abandonAfter: after 10s the request has timed out already.',
      'Lengthen `timeout`, or shorten `abandonAfter`.',
    ],
    [
      'an upload of no byte',
      withStages(`${warmup}, uploadRate: 0B`),
      'profiles/x.yaml:5:74 stages[0].uploadRate: 0B writes nothing.',
      'Give it at least 1B.',
    ],
    [
      'a size with a unit that there is not',
      withStages(`${warmup}, uploadRate: 64k`),
      'profiles/x.yaml:5:74 stages[0].uploadRate: must be a size such as 64KiB or 1MB, not "64k".',
      where,
    ],
    [
      'a disconnect before the first byte',
      withStages(`${warmup}, disconnectAt: 0%`),
      'profiles/x.yaml:5:74 stages[0].disconnectAt: 0% sends nothing.',
      'Give it at least 1%.',
    ],
    [
      'a disconnect after the last byte',
      withStages(`${warmup}, disconnectAt: 100%`),
      'profiles/x.yaml:5:74 stages[0].disconnectAt: must be a share such as 50%, not "100%".',
      where,
    ],
    [
      'a share of failures that cannot be',
      beside('abort: [{ when: error-ratio, above: 1, for: 5s }]'),
      'profiles/x.yaml:6:30 abort[0].above: no share of failed requests is above 1.',
      'Give a share below 1, such as 0.5.',
    ],
    [
      'a span that its window cannot hold',
      beside('abort: [{ when: unhealthy-ms, above: 5000, for: 5s }]'),
      'profiles/x.yaml:6:44 abort[0].for: within 5s nothing lasts longer than 5000 ms.',
      'Lengthen `for`, or lower `above`.',
    ],
    [
      'a condition of something else',
      beside('abort: [{ when: weather, above: 1, for: 5s }]'),
      'profiles/x.yaml:6:11 abort[0].when: must be one of error-ratio, p95-ms, unhealthy-ms, not "weather".',
      where,
    ],
    [
      'a condition over no time',
      beside('abort: [{ when: p95-ms, above: 1, for: 0s }]'),
      'profiles/x.yaml:6:35 abort[0].for: 0s is too short.',
      'Give it at least 1ms.',
    ],
    [
      'a neighbour that is called all the time',
      beside(`neighbour: { ${calls.replace('10s', '0s')} }`),
      'profiles/x.yaml:6:47 neighbour.every: 0s is too short.',
      'Give it at least 1ms.',
    ],
    [
      'a neighbour without a corpus',
      beside('neighbour: { adapter: openai-chat, every: 10s, timeout: 5s }'),
      'profiles/x.yaml:6:1 neighbour.corpus: is missing.',
      where,
    ],
    [
      'a search that ends where it begins',
      beside(`search: { ${steps.replace('8', '1')} }`),
      'profiles/x.yaml:6:23 search.toVus: 1 is not above `fromVus`, 1.',
      'Raise `toVus`.',
    ],
    [
      'a search that does not rise',
      beside(`search: { ${steps}, factor: 1 }`),
      'profiles/x.yaml:6:43 search.factor: times 1 no step rises.',
      'Give a factor above 1, such as 2.',
    ],
    [
      'a search that no failure ends',
      beside(`search: { ${steps}, errorRatio: 1.5 }`),
      'profiles/x.yaml:6:43 search.errorRatio: no share of failed requests is above 1.5.',
      'Give a share below 1, such as 0.01.',
    ],
    [
      'a misspelt key of the search',
      beside(`search: { ${steps}, p59: 5s }`),
      'profiles/x.yaml:6:43 search.p59: there is no key "p59" here.',
      where,
    ],
  ])('%s is refused at its place', (_title, text, message, hint) => {
    expect(profileError(text)).toEqual({ code: 'PROFILE_INVALID', message, hint });
  });
});
