import { leastFloors } from '../base/leak-rule.ts';
import { formatBytes } from '../base/units.ts';
import { judgeLeak, notableBytes, stagedRounds } from '../computed/leak.ts';
import { maximum } from '../computed/series.ts';
import { defineDetector } from '../model/detector.ts';
import { grewText, leakEvidence, leakState, placeOf, tooFewRounds } from './growth/leak-told.ts';

/** RSS hides a rise if it shows less than this share of it. */
const shownShare = 0.5;

export const swappedGrowth = defineDetector({
  id: 'swapped-growth',
  title: 'RSS shows all memory that grows',
  failureTitle: 'Memory grows in swap, where RSS does not show it',
  description: 'Settled anonymous memory with what is in swap (RssAnon + VmSwap) after equal rounds, against RSS.',
  unit: 'bytes per round',
  remedy: 'Watch RssAnon + VmSwap instead of RSS, and look for what is kept and never read again.',
  requires: ['rounds', 'footprint', 'limit', 'retention'],
  detect({ rounds, footprint, limit, retention }) {
    const nothing = { value: null, threshold: notableBytes };
    const swap = footprint.parts.find(({ part }) => part === 'swap');
    const swapped = swap === undefined ? null : maximum(swap.series);
    if (swapped === null || swapped.value < notableBytes) {
      const most =
        swapped === null ? 'No swap of the target was read.' : `At most ${formatBytes(swapped.value)} went to swap.`;
      return { ...nothing, verdict: 'not-applicable', summary: most };
    }
    const staged = stagedRounds(rounds, false) ?? stagedRounds(rounds, true);
    if (staged === null) {
      return {
        ...nothing,
        verdict: 'inconclusive',
        summary: `Up to ${formatBytes(swapped.value)} of the target were in swap; without ${leastFloors} rounds of equal load a rise cannot be told from pages that were put away.`,
      };
    }
    const whole = judgeLeak(staged, 'anon+swap', 1);
    if (whole.first === null) {
      return tooFewRounds(whole.floors, rounds, notableBytes);
    }
    const shown = judgeLeak(staged, 'rss', 1).first;
    const state = leakState(whole);
    const isHidden = shown !== null && shown.growth < shownShare * whole.first.growth;
    const place = placeOf(whole.metric, staged, { footprint, limit, retention });
    const finding = {
      value: whole.first.slope,
      threshold: whole.first.needed / (whole.first.floors - 1),
      evidence: {
        ...leakEvidence(whole, place),
        rssBytesPerRound: shown?.slope ?? null,
        swapPeakBytes: swapped.value,
      },
    };
    if (!isHidden || (state !== 'candidate' && state !== 'confirmed')) {
      return {
        ...finding,
        verdict: 'ok',
        summary: `Memory with what is in swap changed by ${grewText(whole)}, RSS by ${formatBytes(shown?.growth ?? null)}.`,
        evidence: { ...finding.evidence, holder: null },
      };
    }
    const settled = state === 'confirmed' ? '' : ' Growing, not settled.';
    return {
      ...finding,
      verdict: state === 'confirmed' ? 'fail' : 'warn',
      summary: `${place.subject} keeps ${formatBytes(whole.first.slope)} more after each equal round, ${shownText(shown.slope)} in swap, ${formatBytes(swapped.value)} at most.${settled}`,
      stage: staged.first[0]?.stage ?? null,
      startedMs: staged.first[0]?.startMs ?? null,
      remedy: `Watch RssAnon + VmSwap of ${place.holder ?? 'the target'} instead of RSS, and look for what it keeps and never reads again. An alert at ${formatBytes(0.9 * limit.bytes)} of the sum comes before the kill.`,
    };
  },
});

function shownText(rssBytesPerRound: number): string {
  return rssBytesPerRound > 0
    ? `but RSS shows only ${formatBytes(rssBytesPerRound)}: the rest is`
    : 'but RSS does not rise: it is';
}
