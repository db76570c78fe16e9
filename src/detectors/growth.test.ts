import { describe, expect, it } from 'vitest';
import type { Artifacts } from '../model/artifacts.ts';
import type { Detector, Verdict } from '../model/detector.ts';
import { context, event, healthyArtifacts, mib, sampleTable, series } from '../testing/build.ts';
import { artifactsOfRounds, type PlannedRun, planRounds, seriesOf, totalOf } from '../testing/rounds-run.ts';
import { growthWithInputs } from './growth-with-inputs.ts';
import { growthWithLoad } from './growth-with-load.ts';
import { retainedMemory } from './retained-memory.ts';
import { swappedGrowth } from './swapped-growth.ts';

type Level = Parameters<typeof totalOf>[1];

const full = planRounds({ first: 8, fresh: 8, inputs: 6 });
const unconfirmed = planRounds({ first: 8, fresh: 0, inputs: 0 });
const short = planRounds({ first: 4, fresh: 0, inputs: 0 });
const repeated = 17;

/** Deterministic noise of a few MiB, so that floors are never exactly equal. */
const noise = (round: number): number => ((round * 7919) % 13) / 3;
/** 900 MiB under load. */
const floors =
  (at: (round: number) => number): Level =>
  ({ round, isLoad }) =>
    isLoad ? 900 : at(round) + noise(round);

interface Row {
  why: string;
  run?: PlannedRun;
  level: Level;
  verdict: Verdict;
  says?: RegExp;
  remedy?: RegExp;
  sampled?: Partial<Parameters<typeof artifactsOfRounds>[1]>;
}

function expectRow(detector: Detector, { run = full, level, verdict, says, remedy, sampled }: Row): void {
  const artifacts = artifactsOfRounds(run, { total: totalOf(run, level), ...sampled });
  const seen = detector.detect(artifacts, context());
  expect(seen.verdict, seen.summary).toBe(verdict);
  expect(seen.summary).toMatch(says ?? /\.$/);
  expect(seen.remedy ?? '').toMatch(remedy ?? /^/);
}

describe('growth-with-load', () => {
  const rows: Row[] = [
    { why: 'floors are flat', level: floors(() => 200), verdict: 'ok' },
    {
      why: 'each round adds 10 MiB, first and fresh',
      level: floors((round) => 200 + 10 * round),
      verdict: 'fail',
      says: /^The front process keeps 10\.0 MiB more after each equal round, .* KiB for each request.*fresh/,
      remedy: /restart it before \d+000 more requests: there it is at 90 % of the limit/,
    },
    {
      why: 'no fresh rounds confirm it',
      run: unconfirmed,
      level: floors((round) => 200 + 10 * round),
      verdict: 'warn',
      says: /Growing, not settled: no fresh rounds/,
    },
    {
      why: 'four rounds are too few',
      run: short,
      level: floors((round) => 200 + 10 * round),
      verdict: 'inconclusive',
      says: /Insufficient rounds, 4 of 6/,
    },
    {
      why: 'it warms up over the first rounds and settles in the fresh ones',
      level: floors((round) => 200 + 10 * Math.min(round, 9)),
      verdict: 'ok',
      says: /rose at first and then settled/,
    },
    {
      why: 'one step of 200 MiB is something that loads',
      level: floors((round) => (round > 4 ? 400 : 200)),
      verdict: 'ok',
    },
    {
      why: 'it rises under load and falls back',
      level: ({ isLoad, round }) => (isLoad ? 300 + 50 * round : 200),
      verdict: 'ok',
    },
    { why: 'only new inputs add', level: floors((round) => 200 + 50 * Math.max(0, round - repeated)), verdict: 'ok' },
    { why: 'it falls', level: floors((round) => 600 - 10 * round), verdict: 'ok' },
    {
      why: 'a third of the samples is missing',
      level: (at) => (at.second % 3 === 0 ? null : floors((round) => 200 + 10 * round)(at)),
      verdict: 'fail',
    },
    {
      why: 'all samples after load are missing',
      level: ({ isLoad }) => (isLoad ? 900 : null),
      verdict: 'inconclusive',
    },
    {
      why: 'a collector saws 60 MiB within each quiet time',
      level: ({ isLoad, second, round }) => (isLoad ? 900 : 200 + 15 * (second % 4) + noise(round)),
      verdict: 'ok',
    },
    {
      why: 'it was killed again and again',
      level: floors((round) => 200 + 10 * (round % 4)),
      sampled: {
        events: [4, 8, 12].map((round) => event(20_000 + round * 15_000 + 1000, 'oom_kill', { subject: 'front#1' })),
      },
      verdict: 'inconclusive',
      says: /started anew in between/,
    },
    {
      why: 'it grows on the device alone',
      ...onDevice(floors((round) => 500 + 20 * round)),
      verdict: 'fail',
      says: /on the device virtual:0 keeps/,
      remedy: /what virtual:0 keeps.* 90 % of the device/,
    },
  ];
  it.each(rows)('is $verdict when $why', (row) => expectRow(growthWithLoad, row));

  it('is not applicable to a run without rounds', () => {
    expect(growthWithLoad.detect(healthyArtifacts(), context()).verdict).toBe('not-applicable');
  });

  it('names the process whose floor rose, not the largest', () => {
    const total = totalOf(
      full,
      floors((round) => 800 + 10 * round),
    );
    const part = (level: Level): { tMs: Float64Array; values: Float64Array } => seriesOf(full, level);
    const artifacts = artifactsOfRounds(full, {
      total,
      over: {
        footprint: {
          ...healthyArtifacts().footprint,
          holders: [
            { holder: 'front', series: part(() => 700) },
            { holder: 'worker', series: part(({ round }) => 100 + 10 * round) },
          ],
        },
      },
    });
    expect(growthWithLoad.detect(artifacts, context()).evidence?.holder).toBe('worker');
  });
});

describe('growth-with-inputs', () => {
  const rows: Row[] = [
    { why: 'floors are flat', level: floors(() => 200), verdict: 'ok' },
    {
      why: 'each new input adds, repeats are flat',
      level: floors((round) => 200 + 50 * Math.max(0, round - repeated)),
      verdict: 'fail',
      says: /for each new input.*Repeated inputs add nothing\.$/s,
      remedy: /a limit in bytes, counted over all its replicas/,
    },
    {
      why: 'it is a small rise that no fresh rounds confirm',
      level: floors((round) => 200 + 8 * Math.max(0, round - repeated)),
      verdict: 'warn',
      says: /Growing, not settled/,
    },
    {
      why: 'a bounded cache is full after two rounds',
      level: floors((round) => 200 + 100 * Math.min(2, Math.max(0, round - repeated))),
      verdict: 'ok',
    },
    {
      why: 'repeats add as much',
      level: floors((round) => 200 + 10 * round),
      verdict: 'ok',
      says: /Repeated inputs add as much/,
    },
    {
      why: 'no rounds of repeats stand beside it',
      run: planRounds({ first: 0, fresh: 0, inputs: 8 }),
      level: floors((round) => 200 + 50 * round),
      verdict: 'warn',
      says: /may as well grow with load/,
    },
    {
      why: 'only four rounds were run',
      run: planRounds({ first: 0, fresh: 0, inputs: 4 }),
      level: floors((round) => 200 + 50 * round),
      verdict: 'inconclusive',
    },
    { why: 'there are no new inputs', run: unconfirmed, level: floors(() => 200), verdict: 'not-applicable' },
  ];
  it.each(rows)('is $verdict when $why', (row) => expectRow(growthWithInputs, row));
});

describe('swapped-growth', () => {
  const leaking = floors((round) => 200 + 10 * round);
  const swapOf = (level: Level, rss: Level = floors(() => 200)): Partial<Row['sampled'] & object> => {
    const swap = seriesOf(full, level);
    const anon = seriesOf(full, () => 200);
    const front = { ...healthyArtifacts().footprint, rss: seriesOf(full, rss) };
    return {
      samples: sampleTable({ 'tree/tree/rss_anon_bytes': anon, 'tree/tree/swap_bytes': swap }),
      over: {
        footprint: { ...front, parts: [{ part: 'swap', series: swap }], holders: [{ holder: 'front', series: swap }] },
      },
    };
  };
  const rows: Row[] = [
    { why: 'nothing is in swap', level: leaking, sampled: swapOf(() => 0), verdict: 'not-applicable' },
    {
      why: 'swap grows with each round and RSS rests',
      level: leaking,
      sampled: swapOf(({ round }) => 10 * round),
      verdict: 'fail',
      says: /but RSS does not rise: it is in swap/,
      remedy: /RssAnon \+ VmSwap of front/,
    },
    {
      why: 'RSS shows a tenth of it',
      level: leaking,
      sampled: swapOf(leaking, ({ round }) => 200 + round),
      verdict: 'fail',
      says: /but RSS shows only 1\.0 MiB: the rest is in swap/,
    },
    {
      why: 'RSS shows it as well',
      level: leaking,
      sampled: swapOf(
        ({ round }) => 10 * round,
        floors((round) => 200 + 10 * round),
      ),
      verdict: 'ok',
    },
    {
      why: 'pages were put away once',
      level: floors(() => 300),
      sampled: swapOf(({ round }) => (round > 3 ? 80 : 0)),
      verdict: 'ok',
    },
  ];
  it.each(rows)('is $verdict when $why', (row) => expectRow(swappedGrowth, row));

  it('cannot be told without rounds', () => {
    const total = series(Array.from({ length: 150 }, () => 100 * mib));
    const parts: Artifacts['footprint']['parts'] = [{ part: 'swap', series: total }];
    const artifacts = healthyArtifacts({ footprint: { ...healthyArtifacts().footprint, parts } });
    expect(swappedGrowth.detect(artifacts, context()).verdict).toBe('inconclusive');
  });
});

/** The host gives back all, the device holds as much. */
function onDevice(level: Level): Pick<Row, 'level' | 'sampled'> {
  const { device } = healthyArtifacts();
  const devices = device.devices.map((card) => ({ ...card, treeBytes: seriesOf(full, level) }));
  return { level: floors(() => 200), sampled: { over: { device: { ...device, devices } } } };
}

describe('retained-memory beside equal rounds', () => {
  const rows: Row[] = [
    {
      why: 'each equal load adds again',
      run: unconfirmed,
      level: ({ round, isLoad }) => (isLoad ? 250 + 40 * round : 200 + 40 * round),
      verdict: 'warn',
      says: /An equal load again added 40\.0 MiB: it looks like a leak/,
      remedy: /leak-rounds/,
    },
    {
      why: 'each of 17 equal loads adds its small share of what is kept',
      level: ({ round, isLoad }) => (isLoad ? 250 + 10 * round : 200 + 10 * round),
      verdict: 'warn',
      says: /An equal load again added 10\.0 MiB: it looks like a leak/,
    },
    {
      why: 'an equal load again adds nothing',
      run: unconfirmed,
      level: ({ round }) => (round > 0 ? 500 + noise(round) : 200),
      verdict: 'warn',
      says: /an allocator or a cache keeps its highest level/,
      remedy: /plan with 50\d MiB as what it holds at rest/,
    },
    {
      why: 'the device keeps a tenth of itself',
      ...onDevice(({ round }) => (round > 0 ? 3000 : 100)),
      verdict: 'fail',
      says: /on the device virtual:0/,
      remedy: /after a time to live/,
    },
    {
      why: 'the device keeps a hundredth of itself',
      ...onDevice(({ round }) => (round > 0 ? 260 : 100)),
      verdict: 'warn',
    },
    {
      why: 'the device gives it back',
      ...onDevice(({ isLoad }) => (isLoad ? 5000 : 100)),
      verdict: 'ok',
    },
    { why: 'all samples are missing', level: () => null, verdict: 'not-applicable' },
  ];
  it.each(rows)('is $verdict when $why', (row) => expectRow(retainedMemory, row));
});
