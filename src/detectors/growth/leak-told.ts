import { leastFloors } from '../../base/leak-rule.ts';
import { formatBytes } from '../../base/units.ts';
import { holderText } from '../../computed/holders.ts';
import { grownHolder, judgeLeak, type LeakJudgement, metricsOf, type StagedRounds } from '../../computed/leak.ts';
import { deviceMetric } from '../../computed/round-metrics.ts';
import type { Footprint, Limit } from '../../model/artifacts.ts';
import type { Evidence, Observation } from '../../model/detector.ts';
import type { Retention, Rounds } from '../../model/rounds.ts';

/** What the operator is told to stay below: the guard's own level. */
const reachableShare = 0.9;

/** `inconclusive`: a trend of fewer than 6 floors cannot be told from chance. */
export function tooFewRounds(floors: number, { restartsMs }: Rounds, threshold: number): Observation {
  const restarts =
    restartsMs.length === 0
      ? ''
      : ' The target was started anew in between, and rounds before and after do not compare.';
  return {
    verdict: 'inconclusive',
    summary: `Insufficient rounds, ${floors} of ${leastFloors}: each needs a quiet time after it with nothing in flight and at least ${leastFloors} samples.${restarts}`,
    value: null,
    threshold,
    evidence: { holder: null, floors },
  };
}

/** Growing, settled or flat; the worst of a run is told. */
export type LeakState = 'too-few' | 'flat' | 'settled' | 'candidate' | 'confirmed';

/** A rise that fresh rounds do not go on with was a warm-up. */
export function leakState({ first, fresh, isConfirmed }: LeakJudgement): LeakState {
  if (first === null) {
    return 'too-few';
  }
  if (!first.isCandidate) {
    return 'flat';
  }
  if (isConfirmed) {
    return 'confirmed';
  }
  const goesOn = fresh === null || (fresh.gates.hasEffect && fresh.growth >= 0.5 * first.growth);
  return goesOn ? 'candidate' : 'settled';
}

/** The same, from the mildest on. */
const leakStates: readonly LeakState[] = ['too-few', 'flat', 'settled', 'candidate', 'confirmed'];

export interface Place {
  /** Who holds it, for the evidence. */
  holder: string | null;
  /** As the start of a sentence. */
  subject: string;
  /** What is there in all; null where it is not known. */
  capacityBytes: number | null;
  /** `the limit` or `the device`. */
  bound: string;
}

/** Who grows, and against which bound. */
export function placeOf(
  metric: string,
  staged: StagedRounds,
  run: { footprint: Footprint; limit: Limit; retention: readonly Retention[] },
): Place {
  if (metric.startsWith(deviceMetric)) {
    const instance = metric.slice(deviceMetric.length);
    const capacityBytes = run.retention.find(({ place }) => place === instance)?.capacityBytes ?? null;
    return {
      holder: instance,
      subject: `Memory of the target on the device ${instance}`,
      capacityBytes,
      bound: 'the device',
    };
  }
  const holder = grownHolder(run.footprint.holders, [...staged.first, ...staged.fresh]);
  return {
    holder,
    subject: holder === null ? 'The target' : holderText(holder),
    capacityBytes: run.limit.bytes,
    bound: 'the limit',
  };
}

/** Requests until the floor alone reaches 90 % of the bound; null where it never does or nothing is known. */
export function requestsLeft({ perRequest, lastFloor }: LeakJudgement, { capacityBytes }: Place): number | null {
  if (perRequest === null || perRequest <= 0 || lastFloor === null || capacityBytes === null) {
    return null;
  }
  const left = Math.floor((reachableShare * capacityBytes - lastFloor) / perRequest);
  return left > 0 ? twoFigures(left) : null;
}

/** Rounded down: a promise of more than there is helps nobody. */
function twoFigures(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.floor(count / unit) * unit;
}

export function leakEvidence(judged: LeakJudgement, { holder }: Place): Evidence {
  const { first, fresh } = judged;
  return {
    holder,
    metric: judged.metric,
    rounds: first?.floors ?? judged.floors,
    bytesPerRound: first?.slope ?? null,
    lowerBytesPerRound: first?.lowerSlope ?? null,
    upperBytesPerRound: first?.upperSlope ?? null,
    growthBytes: first?.growth ?? null,
    neededBytes: first?.needed ?? null,
    p: first?.p ?? null,
    bytesPerRequest: judged.perRequest,
    freshRounds: fresh?.floors ?? null,
    freshGrowthBytes: fresh?.growth ?? null,
  };
}

/** `70.0 MiB over 8 rounds, and again 68.2 MiB over 8 fresh ones`. */
export function grewText({ first, fresh }: LeakJudgement): string {
  const found = `${formatBytes(first?.growth ?? null)} over ${first?.floors ?? 0} rounds`;
  return fresh === null ? found : `${found}, then ${formatBytes(fresh.growth)} over ${fresh.floors} fresh ones`;
}

/** Host memory and each device under the leak rule: the worst of them, and how many floors and metrics there were. */
export function judgeMemory(staged: StagedRounds): { worst: LeakJudgement | null; floors: number; metrics: number } {
  const metrics = metricsOf(staged).filter((metric) => metric === 'footprint' || metric.startsWith(deviceMetric));
  const judgements = metrics
    .map((metric) => judgeLeak(staged, metric, metrics.length))
    .sort((a, b) => leakStates.indexOf(leakState(b)) - leakStates.indexOf(leakState(a)));
  return {
    worst: judgements[0] ?? null,
    floors: Math.max(0, ...judgements.map(({ floors }) => floors)),
    metrics: metrics.length,
  };
}
