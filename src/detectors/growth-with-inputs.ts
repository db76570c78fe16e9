import type { LeakTrend } from '../base/leak-rule.ts';
import { formatBytes } from '../base/units.ts';
import { judgeLeak, type LeakJudgement, notableBytes, stagedRounds } from '../computed/leak.ts';
import { defineDetector } from '../model/detector.ts';
import type { Rounds } from '../model/rounds.ts';
import {
  grewText,
  judgeMemory,
  leakEvidence,
  leakState,
  placeOf,
  requestsLeft,
  tooFewRounds,
} from './growth/leak-told.ts';

/** What stands in for fresh rounds, where repeats of the same process are flat: a larger, straighter rise. */
const plainBytes = 64 * 1024 ** 2;
const plainLateRatio = 0.75;
const plainStepRatio = 0.35;
/** Repeats may have grown by this share of what new inputs added, in the same number of rounds. */
const flatShare = 0.25;

export const growthWithInputs = defineDetector({
  id: 'growth-with-inputs',
  title: 'New inputs leave no memory behind',
  failureTitle: 'Each new input leaves memory behind',
  description: 'Settled memory after rounds of inputs that were never sent before, against rounds of repeated ones.',
  unit: 'bytes per round',
  remedy: 'Give the cache of inputs a limit in bytes, counted over all its replicas, or turn it off.',
  requires: ['rounds', 'footprint', 'limit', 'retention'],
  detect({ rounds, footprint, limit, retention }) {
    const staged = stagedRounds(rounds, true);
    if (staged === null) {
      return {
        verdict: 'not-applicable',
        summary: 'The run has no rounds of equal load with new inputs.',
        value: null,
        threshold: notableBytes,
      };
    }
    const { worst, floors, metrics } = judgeMemory(staged);
    if (worst?.first == null) {
      return tooFewRounds(floors, rounds, notableBytes);
    }
    const state = leakState(worst);
    const repeats = repeatsOf(rounds, worst, metrics);
    const place = placeOf(worst.metric, staged, { footprint, limit, retention });
    const finding = {
      value: worst.first.slope,
      threshold: worst.first.needed / (worst.first.floors - 1),
      evidence: { ...leakEvidence(worst, place), repeatedBytesPerRound: repeats?.first?.slope ?? null },
    };
    const growsAnyway = repeats !== null && !isFlatBeside(repeats, worst);
    if (state === 'flat' || state === 'settled' || (growsAnyway && !growsMore(repeats, worst))) {
      const anyway = growsAnyway ? ' Repeated inputs add as much.' : '';
      return {
        ...finding,
        verdict: 'ok',
        summary: `Settled memory after rounds of new inputs changed by ${grewText(worst)}.${anyway}`,
        evidence: { ...finding.evidence, holder: null },
      };
    }
    const isProven =
      !growsAnyway && repeats !== null && (state === 'confirmed' || isPlain(worst.first, worst.lastFloor));
    const left = requestsLeft(worst, place);
    const each = worst.perRequest === null ? '' : `, ${formatBytes(worst.perRequest)} for each new input`;
    const grew = `${place.subject} keeps ${formatBytes(worst.first.slope)} more after each round of new inputs${each}: ${grewText(worst)}.`;
    const bound = left === null ? '' : ` Without one, ${left} more new inputs bring it to 90 % of ${place.bound}.`;
    return {
      ...finding,
      verdict: isProven ? 'fail' : 'warn',
      summary: `${grew} ${beside(repeats, growsAnyway)}${isProven ? '' : ' Growing, not settled.'}`,
      stage: staged.first[0]?.stage ?? null,
      startedMs: staged.first[0]?.startMs ?? null,
      remedy: `Give the cache of inputs of ${place.holder ?? 'the target'} a limit in bytes, counted over all its replicas, or turn it off.${bound}`,
    };
  },
});

/** The same metric over repeated inputs; null where too few floors say anything. */
function repeatsOf(rounds: Rounds, { metric }: LeakJudgement, metrics: number): LeakJudgement | null {
  const staged = stagedRounds(rounds, false);
  const judged = staged === null ? null : judgeLeak(staged, metric, metrics);
  return judged?.first == null ? null : judged;
}

function isFlatBeside(repeats: LeakJudgement, inputs: LeakJudgement): boolean {
  // What came last is closest in time: by then pools are filled.
  const latest = repeats.fresh ?? repeats.first;
  const state = leakState(repeats);
  return (state === 'flat' || state === 'settled') && (latest?.slope ?? 0) <= flatShare * (inputs.first?.slope ?? 0);
}

/** Where repeats grow, new inputs count only for what they add to a request. */
function growsMore(repeats: LeakJudgement, inputs: LeakJudgement): boolean {
  return (inputs.perRequest ?? 0) > 2 * Math.max(0, repeats.perRequest ?? 0);
}

function isPlain(trend: LeakTrend, lastFloor: number | null): boolean {
  return (
    trend.growth > Math.max(plainBytes, 0.1 * ((lastFloor ?? 0) - trend.growth)) &&
    trend.lateRatio >= plainLateRatio &&
    trend.stepRatio <= plainStepRatio
  );
}

function beside(repeats: LeakJudgement | null, growsAnyway: boolean): string {
  if (repeats === null) {
    return 'Without rounds of repeated inputs it may as well grow with load.';
  }
  return growsAnyway ? 'Repeated inputs add memory too, but less.' : 'Repeated inputs add nothing.';
}
