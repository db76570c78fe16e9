import { formatBytes } from '../base/units.ts';
import { floorsOf, notableBytes, type StagedRounds, stagedRounds } from '../computed/leak.ts';
import { defineDetector } from '../model/detector.ts';
import {
  grewText,
  judgeMemory,
  leakEvidence,
  leakState,
  placeOf,
  requestsLeft,
  tooFewRounds,
} from './growth/leak-told.ts';

export const growthWithLoad = defineDetector({
  id: 'growth-with-load',
  title: 'Equal rounds leave equal memory behind',
  failureTitle: 'Each round of equal load leaves more memory behind',
  description: 'Settled memory after rounds of the same requests: trend, effect, sustained, no step; then once more.',
  unit: 'bytes per round',
  remedy: 'Look for what is kept of each request: a list, a cache or a handler that nothing removes.',
  requires: ['rounds', 'footprint', 'limit', 'retention'],
  detect({ rounds, footprint, limit, retention }) {
    const staged = stagedRounds(rounds, false);
    if (staged === null) {
      return {
        verdict: 'not-applicable',
        summary: 'The run has no rounds of equal load.',
        value: null,
        threshold: notableBytes,
      };
    }
    const { worst, floors } = judgeMemory(staged);
    if (worst?.first == null) {
      return tooFewRounds(floors, rounds, notableBytes);
    }
    const state = leakState(worst);
    const place = placeOf(worst.metric, staged, { footprint, limit, retention });
    const finding = {
      value: worst.first.slope,
      threshold: worst.first.needed / (worst.first.floors - 1),
      evidence: {
        ...leakEvidence(worst, place),
        fdsPerRound: change(staged, 'fds'),
        threadsPerRound: change(staged, 'threads'),
      },
    };
    if (state === 'flat' || state === 'settled') {
      const settled = state === 'settled' ? ' It rose at first and then settled.' : '';
      return {
        ...finding,
        verdict: 'ok',
        summary: `Settled memory after equal rounds changed by ${grewText(worst)}.${settled}`,
        evidence: { ...finding.evidence, holder: null },
      };
    }
    const left = requestsLeft(worst, place);
    const each = worst.perRequest === null ? '' : `, ${formatBytes(worst.perRequest)} for each request`;
    const grew = `${place.subject} keeps ${formatBytes(worst.first.slope)} more after each equal round${each}: ${grewText(worst)}.`;
    const untilThen =
      left === null
        ? ''
        : ` Until then restart it before ${left} more requests: there it is at 90 % of ${place.bound}.`;
    return {
      ...finding,
      verdict: state === 'confirmed' ? 'fail' : 'warn',
      summary: state === 'confirmed' ? grew : `${grew} Growing, not settled: ${notYet(staged)}.`,
      stage: staged.first[0]?.stage ?? null,
      startedMs: staged.first[0]?.startMs ?? null,
      remedy: `Look for what ${place.holder ?? 'the target'} keeps of each request: a list, a cache or a handler that nothing removes.${untilThen}`,
    };
  },
});

function notYet({ fresh }: StagedRounds): string {
  return fresh.length === 0
    ? 'no fresh rounds were run to confirm it'
    : 'the fresh rounds grew as well, but not clearly enough';
}

/** Mean change a round, of what is counted and not weighed; null without two floors. */
function change({ first }: StagedRounds, metric: string): number | null {
  const floors = floorsOf(first, metric);
  const [from] = floors;
  const to = floors.at(-1);
  return from === undefined || to === undefined || to.round === from.round
    ? null
    : (to.value - from.value) / (to.round - from.round);
}
