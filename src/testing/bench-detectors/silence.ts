import { createRandom, type Random } from '../../base/random.ts';
import { footprint } from '../../computed/footprint.ts';
import { inFlight } from '../../computed/in-flight.ts';
import { detectors } from '../../detectors/index.ts';
import { type Artifacts, isUnavailable } from '../../model/artifacts.ts';
import type { Verdict } from '../../model/detector.ts';
import { context, healthyArtifacts, mib, record, sampleTable, stageWindowsOf } from '../build.ts';
import { normal } from './noise.ts';
import { surroundings } from './surroundings.ts';

/** Memory at rest, MiB above the base, `second` since the run began; `sinceLoad` since load ended, null before. */
type AtRest = (second: number, sinceLoad: number | null) => number;

/** What a server holds while nothing is asked of it, before and after one load. */
export interface SilentShape {
  name: string;
  /** Most runs that any detector may fail, or the fewest that growth-without-load has to fail. */
  goal: { atMost: number } | { atLeast: number } | null;
  atRest(random: Random): AtRest;
}

const idleS = 45;
const loadS = 60;
const silenceS = 100;
const baseMebibytes = 500;
const underLoadMebibytes = 300;

/** Teeth of a collector: each a little longer or shorter than the last, since garbage is not made by the clock. */
export function sawtooth(
  random: Random,
  mebibytes: number,
  periodS: number,
  totalS: number,
): (second: number) => number {
  const ends = [periodS * random.real()];
  while ((ends.at(-1) ?? 0) < totalS) {
    ends.push((ends.at(-1) ?? 0) + periodS * (0.8 + 0.4 * random.real()));
  }
  return (second) => {
    const next = ends.findIndex((end) => end > second);
    const end = ends[next] ?? totalS;
    const start = ends[next - 1] ?? end - periodS;
    return (mebibytes * (second - start)) / (end - start);
  };
}

const totalS = idleS + loadS + silenceS;
const sawOf = (mebibytes: number, fromS: number, toS: number): SilentShape => ({
  name: `a collector's sawtooth of ${mebibytes} MiB each ${fromS} to ${toS} s`,
  goal: { atMost: 0.01 },
  atRest: (random: Random) => sawtooth(random, mebibytes, fromS + (toS - fromS) * random.real(), totalS),
});
const growing = (name: string, perSecond: number, atLeast: number | null, forS = silenceS): SilentShape => ({
  name,
  goal: atLeast === null ? null : { atLeast },
  atRest: () => (_second, sinceLoad) => perSecond * Math.min(forS, sinceLoad ?? 0),
});

export const silentShapes: readonly SilentShape[] = [
  { name: 'flat', goal: { atMost: 0.01 }, atRest: () => () => 0 },
  sawOf(60, 2, 10),
  sawOf(60, 10, 60),
  sawOf(150, 10, 30),
  {
    name: 'what the load took goes back within a minute',
    goal: { atMost: 0.01 },
    atRest: (random: Random) => {
      const tau = 5 + 15 * random.real();
      return (_second, sinceLoad) => (sinceLoad === null ? 0 : underLoadMebibytes * Math.exp(-sinceLoad / tau));
    },
  },
  {
    name: 'a model of 200 MiB is loaded in the silence',
    goal: { atMost: 0.01 },
    atRest: (random: Random) => {
      const atS = silenceS * random.real();
      return (_second, sinceLoad) => ((sinceLoad ?? 0) > atS ? 200 : 0);
    },
  },
  growing('growth of .4 MiB/s (5 % a minute)', 0.4, null),
  growing('growth of 1.5 MiB/s', 1.5, 0.99),
  growing('growth of 17 MiB/s, the incident', 17, 0.99),
  growing('growth of 17 MiB/s for 10 s', 17, 0.99, 10),
  growing('growth of 1.5 MiB/s for 20 s', 1.5, null, 20),
  {
    name: 'growth of 3 MiB/s beneath a sawtooth of 40 MiB each 15 s',
    goal: { atLeast: 0.9 },
    atRest: (random: Random) => {
      const saw = sawtooth(random, 40, 15, totalS);
      return (second, sinceLoad) => saw(second) + 3 * (sinceLoad ?? 0);
    },
  },
];

export interface SilentResult {
  shape: SilentShape;
  runs: number;
  /** Runs that any detector failed; runs in which growth-without-load failed, or warned. */
  failed: number;
  seen: number;
  suspected: number;
}

export function measureSilence(shape: SilentShape, series: number): SilentResult {
  const result: SilentResult = { shape, runs: series, failed: 0, seen: 0, suspected: 0 };
  for (let seed = 0; seed < series; seed += 1) {
    const verdicts = verdictsOf(shape, createRandom(`${shape.name} ${seed}`));
    const seen = verdicts.get('growth-without-load');
    result.failed += Number([...verdicts.values()].includes('fail'));
    result.seen += Number(seen === 'fail');
    result.suspected += Number(seen === 'fail' || seen === 'warn');
  }
  return result;
}

function verdictsOf(shape: SilentShape, random: Random): ReadonlyMap<string, Verdict> {
  const run = plannedRun();
  const atRest = shape.atRest(random);
  const bytes = run.isLoad.map((isLoad, second) => {
    const sinceLoad = second < idleS + loadS ? null : second - idleS - loadS;
    const held = baseMebibytes + (isLoad ? underLoadMebibytes : atRest(second, sinceLoad)) + normal(random);
    return Math.round((held * mib) / 4096) * 4096;
  });
  const anon = { tMs: run.tMs, values: Float64Array.from(bytes) };
  const samples = sampleTable({
    'tree/tree/rss_anon_bytes': anon,
    'tree/tree/rss_bytes': anon,
    'tree/tree/swap_bytes': { tMs: run.tMs, values: new Float64Array(run.tMs.length) },
    'process/server#1/rss_anon_bytes': anon,
  });
  const held = footprint(samples, run.stages, run.inFlight, []);
  if (isUnavailable(held)) {
    throw new Error(`A simulated run has samples: ${held.reason}`);
  }
  const artifacts = healthyArtifacts({
    ...surroundings(run, held, random),
    stages: run.stages,
    records: run.records,
    inFlight: run.inFlight,
    footprint: held,
    limit: { bytes: 8192 * mib, source: 'cgroup v2 /trial', isCgroup: true },
  });
  return new Map(detectors.map((judge) => [judge.id, judge.detect(artifacts, context()).verdict]));
}

type PlannedSilence = Pick<Artifacts, 'stages' | 'records' | 'inFlight' | 'events'> & {
  tMs: Float64Array;
  isLoad: readonly boolean[];
};

function plannedRun(): PlannedSilence {
  const records = Array.from({ length: loadS - 1 }, (_, seq) => record(seq, { plannedMs: (idleS + seq) * 1000 }));
  const tMs = Float64Array.from({ length: totalS }, (_, second) => second * 1000);
  return {
    stages: stageWindowsOf([
      ['base', 'idle', idleS],
      ['load', 'load', loadS],
      ['silence', 'silence', silenceS],
    ]),
    records,
    inFlight: inFlight(records),
    events: [],
    tMs,
    isLoad: [...tMs].map((atMs) => atMs >= idleS * 1000 && atMs < (idleS + loadS) * 1000),
  };
}
