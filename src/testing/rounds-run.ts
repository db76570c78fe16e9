import { retention } from '../computed/retention.ts';
import { roundMetrics } from '../computed/round-metrics.ts';
import { rounds } from '../computed/rounds.ts';
import type { Artifacts, RunEvent, Series, StageWindow } from '../model/artifacts.ts';
import type { Load, Stage } from '../model/profile.ts';
import type { RequestRecord } from '../model/record.ts';
import type { SampleTable } from '../model/samples.ts';
import { footprint, healthyArtifacts, mib, record, sampleTable } from './build.ts';

/** As many rounds as of the profile leak-rounds, each of 3 s and 12 s of quiet. */
export interface RoundsPlan {
  first: number;
  fresh: number;
  inputs: number;
}

const baseMs = 20_000;
const loadMs = 3000;
const quietMs = 12_000;
const requestsARound = 10;

/** One load: its stage, and the one that warms up is round 0. */
interface PlannedLoad {
  name: string;
  kind: 'warmup' | 'load';
  load: Load;
  isOfNewInputs: boolean;
}

export interface PlannedRun {
  stages: readonly StageWindow[];
  records: readonly RequestRecord[];
  inFlight: Series;
  /** Times of samples, one a second. */
  tMs: Float64Array;
  /** For each sample: loads that began until then, and whether one is going on. */
  at: readonly { round: number; isLoad: boolean; second: number }[];
}

export function planRounds({ first, fresh, inputs }: RoundsPlan): PlannedRun {
  const same: Load = { executor: 'constant-vus', vus: 8, thinkMs: 0 };
  const other: Load = { executor: 'constant-vus', vus: 4, thinkMs: 0 };
  const named = (name: string, count: number, load: Load): PlannedLoad[] =>
    Array.from({ length: count }, (_, index) => ({
      name: `${name}-${index + 1}`,
      kind: 'load',
      load,
      isOfNewInputs: load === other,
    }));
  const loads: PlannedLoad[] = [
    { name: 'fill', kind: 'warmup', load: same, isOfNewInputs: false },
    ...named('round', first, same),
    ...named('confirm', fresh, same),
    ...named('inputs', inputs, other),
  ];
  const stages: StageWindow[] = [windowOf('base', 'idle', null, 0, baseMs)];
  const records: RequestRecord[] = [];
  const steps: [number, number][] = [[0, 0]];
  for (const [index, { name, kind, load, isOfNewInputs }] of loads.entries()) {
    const startMs = baseMs + index * (loadMs + quietMs);
    stages.push(windowOf(name, kind, load, startMs, startMs + loadMs));
    stages.push(windowOf(`floor-${index}`, 'lull', null, startMs + loadMs, startMs + loadMs + quietMs));
    steps.push([startMs, 8], [startMs + loadMs, 0]);
    for (let request = 0; request < requestsARound; request += 1) {
      const seq = records.length;
      const plannedMs = startMs + request * 200;
      records.push(record(seq, { stage: name, plannedMs, itemId: isOfNewInputs ? `new-${seq}` : 'item' }));
    }
  }
  const seconds = (baseMs + loads.length * (loadMs + quietMs)) / 1000;
  const tMs = Float64Array.from({ length: seconds }, (_, second) => second * 1000);
  return {
    stages,
    records,
    inFlight: { tMs: Float64Array.from(steps, ([at]) => at), values: Float64Array.from(steps, ([, count]) => count) },
    tMs,
    at: [...tMs].map((atMs) => {
      const sinceMs = atMs - baseMs;
      const round = sinceMs < 0 ? 0 : Math.floor(sinceMs / (loadMs + quietMs)) + 1;
      return { round, isLoad: sinceMs >= 0 && sinceMs % (loadMs + quietMs) < loadMs, second: atMs / 1000 };
    }),
  };
}

function windowOf(name: string, kind: Stage['kind'], load: Load | null, startMs: number, endMs: number): StageWindow {
  const durationMs = endMs - startMs;
  const stage: Stage = { name, kind, load, durationMs, timeoutMs: 30_000, pick: 'first', client: null };
  return { name, kind, startMs, endMs, stage, rates: [] };
}

interface Sampled {
  /** Footprint at each sample, bytes; NaN is a gap. */
  total: Float64Array;
  samples?: SampleTable;
  /** Of a footprint only who holds it, its parts and RSS count. */
  over?: Partial<Artifacts>;
  events?: readonly RunEvent[];
}

/** Artifacts of a planned run: rounds and retention are derived as in a real one. */
export function artifactsOfRounds(run: PlannedRun, { total, samples, over = {}, events = [] }: Sampled): Artifacts {
  const held = { tMs: run.tMs, values: total };
  const base = total[5] ?? Number.NaN;
  const { holders, parts, rss } = over.footprint ?? footprint(held);
  const seen = footprint(held, { holders, parts, rss, baselineBytes: base, floorBytes: lastFloor(total) });
  const whole = healthyArtifacts({
    limit: { bytes: 8192 * mib, source: 'cgroup v2 /trial', isCgroup: true },
    ...over,
    stages: run.stages,
    records: run.records,
    inFlight: run.inFlight,
    events,
    footprint: seen,
  });
  const metrics = roundMetrics(samples ?? sampleTable({}), seen, whole.device);
  const repeated = rounds({ ...whole, metrics });
  const kept = retention(seen, whole.device, { ...whole, rounds: repeated });
  return { ...whole, rounds: repeated, retention: 'unavailable' in kept ? [] : kept };
}

function lastFloor(total: Float64Array): number {
  const kept = [...total.slice(-4)].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return kept[kept.length >> 1] ?? Number.NaN;
}

/** A footprint in MiB for each sample, from how many loads began and whether one goes on. */
export function totalOf(run: PlannedRun, mebibytesAt: (at: PlannedRun['at'][number]) => number | null): Float64Array {
  return Float64Array.from(run.at, (at) => {
    const mebibytes = mebibytesAt(at);
    return mebibytes === null ? Number.NaN : mebibytes * mib;
  });
}

/** The same, as a series beside the footprint. */
export function seriesOf(run: PlannedRun, mebibytesAt: (at: PlannedRun['at'][number]) => number | null): Series {
  return { tMs: run.tMs, values: totalOf(run, mebibytesAt) };
}
