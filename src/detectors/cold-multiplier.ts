import { formatBytes } from '../base/units.ts';
import { holderAt } from '../computed/footprint.ts';
import { endsLevel } from '../computed/ladder.ts';
import { between, maximum } from '../computed/series.ts';
import { samplesIn, stagePeak } from '../computed/stage-peak.ts';
import { sendsLoad } from '../computed/stages.ts';
import { levelWithin } from '../computed/traits.ts';
import type { Artifacts, Series, StageWindow } from '../model/artifacts.ts';
import { defineDetector, type Observation } from '../model/detector.ts';

const multiplierThreshold = 1.3;
/** A smaller rise is what requests need, not weights. */
const notableBytes = 64 * 1024 ** 2;
const minimumSamples = 2;
/** The later stage has about as many at once as the first calls were. */
const alikeRatio = { from: 0.9, to: 1.25 };

export const coldMultiplier = defineDetector({
  id: 'cold-multiplier',
  title: 'Simultaneous first calls load once',
  failureTitle: 'Each of the first calls loads for itself',
  description: 'Peak of the first calls at once against the peak of one call, and of as many calls when warm.',
  unit: 'ratio',
  remedy:
    'Let one caller load and the others wait for it, or load before the port opens. Until then send a single request after each start.',
  requires: ['footprint', 'stages', 'inFlight', 'events'],
  detect({ footprint, stages, inFlight, events }) {
    const sent = stages.filter((stage) => sendsLoad(stage) && levelWithin(inFlight, inFlight, stage) !== null);
    const first = sent[0];
    const atOnce = first === undefined ? 0 : simultaneousFirst(inFlight, first);
    if (first === undefined || atOnce < 2) {
      return unanswered('not-applicable', 'The first calls did not come at the same time.');
    }
    const { baselineBytes } = footprint;
    if (baselineBytes === null) {
      return unanswered('inconclusive', 'The run has no idle stage before the first call to compare with.');
    }
    if (samplesIn(footprint, first) < minimumSamples) {
      return unanswered('inconclusive', `Too few samples of memory during the first calls in ${first.name}.`);
    }
    const roseBytes = (stagePeak(footprint, stages, first) ?? baselineBytes) - baselineBytes;
    if (roseBytes < notableBytes) {
      const small = `The ${atOnce} first calls raised memory by only ${formatBytes(roseBytes)}; under ${formatBytes(notableBytes)} nothing is judged.`;
      return unanswered('not-applicable', small);
    }
    const highestRise = (later: readonly StageWindow[]): number | null => {
      const peaks = later.flatMap((stage) =>
        samplesIn(footprint, stage) < minimumSamples ? [] : (stagePeak(footprint, stages, stage) ?? []),
      );
      return peaks.length === 0 ? null : Math.max(...peaks) - baselineBytes;
    };
    const alone = highestRise(sent.slice(1).filter((stage) => highest(inFlight, stage) === 1));
    const again = highestRise(sent.slice(1).filter((stage) => isAlike(highest(inFlight, stage), atOnce)));
    if (alone === null) {
      const isCut = events.some(({ kind, subject }) => endsLevel(kind, subject));
      return isCut
        ? unanswered(
            'inconclusive',
            `The ${atOnce} first calls added ${formatBytes(roseBytes)}, and memory ended the load before one call was measured alone.`,
          )
        : unanswered('not-applicable', 'No later stage has one call alone to compare the first ones with.');
    }
    if (alone < -notableBytes) {
      const fell = `Memory stood ${formatBytes(-alone)} below the level before the first calls when one call came alone: that level was not the target's rest, so the two cannot be compared.`;
      return unanswered('inconclusive', fell);
    }
    const oneBytes = Math.max(alone, again ?? alone);
    const ratio = oneBytes <= 0 ? Number.POSITIVE_INFINITY : roseBytes / oneBytes;
    return judged({ footprint, first, atOnce, baselineBytes, roseBytes, alone, again, ratio });
  },
});

interface Measured {
  footprint: Artifacts['footprint'];
  first: StageWindow;
  atOnce: number;
  baselineBytes: number;
  roseBytes: number;
  alone: number;
  again: number | null;
  ratio: number;
}

function judged({ footprint, first, atOnce, baselineBytes, roseBytes, alone, again, ratio }: Measured): Observation {
  const peak = maximum(between(footprint.total, first.startMs, first.endMs));
  const holder = peak === null ? null : holderAt(footprint.holders, peak.tMs);
  const warm = again === null ? '' : `, and as many warm calls ${formatBytes(again)}`;
  const seen = `${atOnce} first calls at once added ${formatBytes(roseBytes)}; one call alone ${formatBytes(Math.max(0, alone))}${warm}`;
  const finding = {
    value: Number.isFinite(ratio) ? ratio : null,
    threshold: multiplierThreshold,
    evidence: { holder, atOnce, baselineBytes, firstCallsBytes: roseBytes, oneCallBytes: alone, warmCallsBytes: again },
  };
  if (ratio <= multiplierThreshold) {
    return { ...finding, verdict: 'ok', summary: `${seen}.` };
  }
  const bad = { ...finding, stage: first.name, startedMs: first.startMs };
  return again === null
    ? {
        ...bad,
        verdict: 'warn',
        summary: `${seen}. Without as many calls when warm it cannot be told from what each request needs.`,
      }
    : { ...bad, verdict: 'fail', summary: `${seen}: ${ratio.toFixed(1)} times what loading once takes.` };
}

function unanswered(verdict: 'inconclusive' | 'not-applicable', summary: string): Observation {
  return { verdict, summary, value: null, threshold: multiplierThreshold };
}

/** How many calls of a stage had been sent before the first of all was over. */
function simultaneousFirst(inFlight: Series, { startMs, endMs }: StageWindow): number {
  const open = between(inFlight, startMs, endMs).values;
  const over = open.findIndex((count, index) => index > 0 && count < (open[index - 1] ?? 0));
  return open.subarray(0, over < 0 ? open.length : over).reduce((most, count) => Math.max(most, count), 0);
}

function highest(inFlight: Series, stage: StageWindow): number {
  return levelWithin(inFlight, inFlight, stage)?.highest ?? 0;
}

function isAlike(count: number, atOnce: number): boolean {
  return count >= alikeRatio.from * atOnce && count <= alikeRatio.to * atOnce;
}
