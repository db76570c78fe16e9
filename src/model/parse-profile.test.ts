import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectorIds, steady, warmup, withStages } from '../testing/profile-text.ts';
import { parseProfile, profileHash, scaleProfile, toYaml } from './parse-profile.ts';
import type { ResolvedProfile } from './profile.ts';
import { profileJsonSchema } from './profile-schema.ts';

const folder = new URL('../../profiles/', import.meta.url);

function parse(text: string): ResolvedProfile {
  return parseProfile(text, 'profiles/x.yaml', detectorIds);
}

const everyExecutor = withStages(
  'name: base, kind: idle, for: 1m',
  `${warmup}, thinkTime: 250ms`,
  'name: up, kind: load, executor: ramping-arrival-rate, fromRate: 0.5, toRate: 2 x warm rps, for: 1m',
  'name: hold, kind: load, executor: constant-arrival-rate, rate: 1.2 x warm audio-seconds, arrivals: poisson, for: 8h',
  'name: burst, kind: load, executor: burst, size: 3, repeats: 2, every: 5s, for: 20s, pick: longest',
  'name: drain, kind: cooldown, for: 30s',
  'name: more, kind: load, executor: ramping-vus, fromVus: 1, toVus: 8, thinkTime: 1s, for: 1m',
  'name: all, kind: load, executor: shared-iterations, vus: 4, iterations: 100, for: 1m',
  'name: each, kind: load, executor: per-vu-iterations, vus: 4, iterations: 25, for: 1m',
);
const everyClient = withStages(
  `${warmup}, abandonAfter: 20s`,
  `${warmup.replace('warm', 'again')}, abandonAfter: 20s, retries: 3, retryPause: 500ms`,
  `${warmup.replace('warm', 'slow')}, uploadRate: 64KiB`,
  `${warmup.replace('warm', 'off')}, disconnectAt: 33.3%`,
);
const everyExtra = [
  withStages(warmup),
  'abort:',
  '  - { when: error-ratio, above: 0.5, for: 1m }',
  '  - { when: p95-ms, above: 2000, for: 30s }',
  '  - { when: unhealthy-ms, above: 5000, for: 10s }',
  'neighbour: { adapter: openai-chat, corpus: chats, path: /chat, every: 10s, timeout: 5s }',
  'search: { fromVus: 1, toVus: 64, factor: 1.5, step: 30s, lull: 5s, p95: 10s, errorRatio: 0.05 }',
].join('\n');

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
      abortWhen: [],
      neighbour: null,
      search: null,
      stages: [
        {
          name: 'steady',
          kind: 'load',
          load: { executor: 'constant-arrival-rate', rate: 0.25, arrivals: 'uniform', maxInFlight: 256 },
          durationMs: 5000,
          timeoutMs: 60_000,
          pick: 'shuffled',
          client: null,
        },
        {
          name: 'quiet',
          kind: 'silence',
          load: null,
          durationMs: 120_000,
          timeoutMs: 60_000,
          pick: 'shuffled',
          client: null,
        },
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
      { executor: 'ramping-vus', fromVus: 1, toVus: 8, thinkMs: 1000 },
      { executor: 'shared-iterations', vus: 4, iterations: 100, thinkMs: 0 },
      { executor: 'per-vu-iterations', vus: 4, iterations: 25, thinkMs: 0 },
    ]);
  });

  it('reads every manner of a client, and none where none is written', () => {
    const usual = {
      abandonAfterMs: null,
      retries: 0,
      retryPauseMs: 0,
      uploadBytesPerSecond: null,
      disconnectAtRatio: null,
    };
    expect(parse(everyClient).stages.map(({ client }) => client)).toEqual([
      { ...usual, abandonAfterMs: 20_000 },
      { ...usual, abandonAfterMs: 20_000, retries: 3, retryPauseMs: 500 },
      { ...usual, uploadBytesPerSecond: 65_536 },
      { ...usual, disconnectAtRatio: 0.333 },
    ]);
    expect(parse(everyExecutor).stages.every(({ client }) => client === null)).toBe(true);
  });

  it('reads conditions, neighbour and search', () => {
    expect(parse(everyExtra)).toMatchObject({
      abortWhen: [
        { when: 'error-ratio', above: 0.5, forMs: 60_000 },
        { when: 'p95-ms', above: 2000, forMs: 30_000 },
        { when: 'unhealthy-ms', above: 5000, forMs: 10_000 },
      ],
      neighbour: { adapter: 'openai-chat', corpus: 'chats', path: '/chat', everyMs: 10_000, timeoutMs: 5000 },
      search: { fromVus: 1, toVus: 64, factor: 1.5, stepMs: 30_000, lullMs: 5000, p95Ms: 10_000, errorRatio: 0.05 },
    });
  });

  it('a neighbour and a search need little: the wire format has a path, and steps double', () => {
    const text = [
      withStages(warmup),
      'neighbour: { adapter: infer, corpus: c, every: 10s, timeout: 5s }',
      'search: { fromVus: 2, toVus: 8, step: 30s }',
    ].join('\n');
    expect(parse(text)).toMatchObject({
      neighbour: { path: null },
      search: { factor: 2, lullMs: 0, p95Ms: null, errorRatio: 0.01 },
    });
  });

  it('a burst without a length lasts until its last request must have been answered', () => {
    const text = withStages('name: b, kind: load, executor: burst, size: 64, repeats: 3, every: 10s, timeout: 30m');
    expect(parse(text).stages[0]?.durationMs).toBe(20_000 + 1_800_000);
  });
});

describe('scaleProfile', () => {
  it('multiplies durations, timeouts, think times and gaps, and leaves rates', () => {
    const { stages, scale, referenceTimeScale } = scaleProfile(parse(everyExecutor), 0.1);
    expect({ scale, referenceTimeScale }).toEqual({ scale: 0.1, referenceTimeScale: 0.1 });
    expect(stages.map((stage) => stage.durationMs)).toEqual([6000, 500, 6000, 2_880_000, 2000, 3000, 6000, 6000, 6000]);
    expect(stages.every((stage) => stage.timeoutMs === 6000)).toBe(true);
    expect(stages[1]?.load).toEqual({ executor: 'constant-vus', vus: 2, thinkMs: 25 });
    expect(stages[2]?.load).toMatchObject({ fromRate: 0.5 });
    expect(stages[4]?.load).toMatchObject({ everyMs: 500, size: 3 });
    expect(stages[6]?.load).toMatchObject({ thinkMs: 100, toVus: 8 });
    expect(stages[7]?.load).toMatchObject({ iterations: 100 });
  });

  it('multiplies the patience of clients, and leaves how fast and how far they write', () => {
    const clients = scaleProfile(parse(everyClient), 0.1).stages.map(({ client }) => client);
    expect(clients[1]).toMatchObject({ abandonAfterMs: 2000, retries: 3, retryPauseMs: 50 });
    expect(clients[2]).toMatchObject({ abandonAfterMs: null, retryPauseMs: 0, uploadBytesPerSecond: 65_536 });
    expect(clients[3]).toMatchObject({ disconnectAtRatio: 0.333 });
  });

  it('multiplies what is a time in conditions, neighbour and search, and leaves shares and counts', () => {
    expect(scaleProfile(parse(everyExtra), 0.1)).toMatchObject({
      abortWhen: [
        { above: 0.5, forMs: 6000 },
        { above: 200, forMs: 3000 },
        { above: 500, forMs: 1000 },
      ],
      neighbour: { everyMs: 1000, timeoutMs: 500 },
      search: { fromVus: 1, toVus: 64, factor: 1.5, stepMs: 3000, lullMs: 500, p95Ms: 1000, errorRatio: 0.05 },
    });
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
  const texts = fc.constantFrom(everyExecutor, everyClient, everyExtra);

  it('a resolved profile is a profile again', () => {
    fc.assert(
      fc.property(texts, fc.double({ min: 0.01, max: 10, noNaN: true }), (text, factor) => {
        const resolved = scaleProfile(parse(text), factor);
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

  it('the main story takes about seventeen minutes, and less than 105 s at a scale of 0.1', () => {
    expect(lengthMs(read('longform-sustained.yaml'))).toBe(1_035_000);
    expect(lengthMs(scaleProfile(read('longform-sustained.yaml'), 0.1))).toBeLessThan(105_000);
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
