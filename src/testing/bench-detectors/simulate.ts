import { createRandom, type Random } from '../../base/random.ts';
import { footprint } from '../../computed/footprint.ts';
import { detectors } from '../../detectors/index.ts';
import { isUnavailable, type RunEvent } from '../../model/artifacts.ts';
import type { Verdict } from '../../model/detector.ts';
import { context, event, mib, sampleTable } from '../build.ts';
import { artifactsOfRounds, type PlannedRun, planRounds } from '../rounds-run.ts';
import { normal } from './noise.ts';
import { baseMebibytes, type Held, type Shape } from './shapes.ts';
import { surroundings } from './surroundings.ts';

/** As many as the profile leak-rounds has. */
const inputRounds = 6;
const underLoadMebibytes = 300;

export interface ShapeResult {
  shape: Shape;
  rounds: number;
  runs: number;
  /** Runs in which any detector failed. */
  failed: number;
  /** Runs in which one warned, and none failed. */
  warned: number;
  /** How many runs each detector failed. */
  failedBy: Record<string, number>;
  /** Runs in which the detector that has to see the leak failed, and in which it at least warned. */
  seen: number;
  suspected: number;
  inconclusive: number;
}

/** `series` runs of a shape through the real detectors, each with its own seed. */
export function measureShape(shape: Shape, rounds: number, series: number): ShapeResult {
  const run = planRounds({ first: rounds, fresh: rounds, inputs: inputRounds });
  const loads = 1 + 2 * rounds + inputRounds;
  const result: ShapeResult = {
    shape,
    rounds,
    runs: series,
    failed: 0,
    warned: 0,
    failedBy: {},
    seen: 0,
    suspected: 0,
    inconclusive: 0,
  };
  for (let seed = 0; seed < series; seed += 1) {
    const random = createRandom(`${shape.name} ${rounds} ${seed}`);
    const held = shape.held(random, { loads, rounds, newInputsFrom: loads - inputRounds });
    const verdicts = verdictsOf(run, held, random);
    const all = [...verdicts.values()];
    const isFailed = all.includes('fail');
    for (const [id, verdict] of verdicts) {
      if (verdict === 'fail') {
        result.failedBy[id] = (result.failedBy[id] ?? 0) + 1;
      }
    }
    const ofInterest = verdicts.get(shape.seenBy ?? 'growth-with-load');
    result.failed += Number(isFailed);
    result.warned += Number(!isFailed && all.includes('warn'));
    result.seen += Number(ofInterest === 'fail');
    result.suspected += Number(ofInterest === 'fail' || ofInterest === 'warn');
    result.inconclusive += Number(ofInterest === 'inconclusive');
  }
  return result;
}

function verdictsOf(run: PlannedRun, held: Held, random: Random): ReadonlyMap<string, Verdict> {
  const levels = run.at.map(({ round, isLoad, second }) => {
    const isMissing = random.real() < (held.missing ?? 0) || held.isMissing?.(second) === true;
    const floor = round === 0 ? 0 : (held.floors[round - 1] ?? 0);
    const moving = isLoad ? underLoadMebibytes : (held.within?.(second) ?? 0);
    const bytes = Math.round(((baseMebibytes + floor + moving + normal(random)) * mib) / 4096) * 4096;
    return isMissing ? Number.NaN : bytes;
  });
  const anon = { tMs: run.tMs, values: Float64Array.from(levels) };
  const files = run.at.map(({ round }) => (held.fileCache?.[Math.max(0, round - 1)] ?? 0) * mib);
  const samples = sampleTable({
    'tree/tree/rss_anon_bytes': anon,
    'tree/tree/rss_file_bytes': { tMs: run.tMs, values: Float64Array.from(files) },
    'tree/tree/rss_bytes': { tMs: run.tMs, values: anon.values.map((bytes, index) => bytes + (files[index] ?? 0)) },
    'tree/tree/swap_bytes': { tMs: run.tMs, values: anon.values.map(() => 0) },
    'process/server#1/rss_anon_bytes': anon,
  });
  const seen = footprint(samples, run.stages, run.inFlight, []);
  if (isUnavailable(seen)) {
    throw new Error(`A simulated run has samples: ${seen.reason}`);
  }
  const events = restartOf(run, held);
  const isLoad = run.at.map((at) => at.isLoad);
  const artifacts = artifactsOfRounds(run, {
    total: seen.total.values,
    samples,
    over: { ...surroundings({ ...run, events, isLoad }, seen, random), footprint: seen },
    events,
  });
  return new Map(detectors.map((judge) => [judge.id, judge.detect(artifacts, context()).verdict]));
}

function restartOf(run: PlannedRun, { restartBefore }: Held): RunEvent[] {
  const loads = run.stages.filter(({ kind }) => kind === 'load' || kind === 'warmup');
  const stage = restartBefore === undefined ? undefined : loads[restartBefore];
  return stage === undefined ? [] : [event(stage.startMs - 1000, 'restart', { subject: 'server#1' })];
}
