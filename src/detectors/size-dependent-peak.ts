import { formatBytes, formatShare } from '../base/units.ts';
import { usableRatio } from '../computed/capacity.ts';
import { growingHolder } from '../computed/footprint.ts';
import { minimumPoints, type SizeSlope, sizeSlope, smallestRefused } from '../computed/size-slope.ts';
import { unitsOf } from '../computed/traits.ts';
import type { ItemTraits, LoadUnit } from '../model/artifacts.ts';
import { defineDetector, type Observation } from '../model/detector.ts';

const mebibyte = 1024 ** 2;

export const sizeDependentPeak = defineDetector({
  id: 'size-dependent-peak',
  title: 'The largest item fits in memory',
  failureTitle: 'The largest item does not fit in memory',
  description: 'Memory per audio second, megapixel or byte in flight, carried on to the largest item of the corpus.',
  unit: 'ratio',
  remedy: 'Refuse inputs above the size that fits with 413, or raise the limit.',
  requires: ['footprint', 'limit', 'stages', 'records', 'items'],
  detect({ footprint, limit, stages, records, items }) {
    if (items.size === 0) {
      return unanswered('not-applicable', 'What the items of the corpus weigh is not known.');
    }
    const { slope, points, unit } = sizeSlope(footprint, stages, records, items);
    if (unit === null) {
      return unanswered('not-applicable', 'No stage of load sent items of different sizes.');
    }
    if (points < minimumPoints) {
      const few = `Only ${points} samples with the usual number of requests in flight; ${minimumPoints} are needed.`;
      return unanswered('inconclusive', few);
    }
    if (slope === null) {
      return {
        ...unanswered('ok', `Memory does not follow the ${unitWords[unit]} in flight.`),
        evidence: { holder: null, points },
      };
    }
    const refused = smallestRefused(records, items, slope.unit);
    const largest = largestOf(items, slope.unit, refused ?? Number.POSITIVE_INFINITY);
    const wouldBe = (slope.inFlight - 1) * slope.meanUnits + largest;
    const at = (steepness: number): number =>
      slope.fit.intercept + slope.fit.slope * slope.fit.midX + steepness * (wouldBe - slope.fit.midX);
    const neededBytes = at(slope.fit.slope);
    const fits = largestThatFits(slope, usableRatio * limit.bytes);
    const each = `Memory grows by ${formatBytes(slope.fit.slope)} for each ${unitWord[slope.unit]} in flight`;
    const finding = {
      value: neededBytes / limit.bytes,
      threshold: 1,
      evidence: {
        holder: growingHolder(footprint.holders, slope.stage.startMs, slope.stage.endMs) ?? footprint.peakHolder,
        unit: slope.unit,
        bytesPerUnit: slope.fit.slope,
        largestItem: largest,
        smallestRefused: refused,
        largestThatFits: fits,
        inFlight: slope.inFlight,
        neededBytes,
        limitBytes: limit.bytes,
        limitSource: limit.source,
        points,
      },
    };
    const fitting =
      refused === null
        ? 'the largest item of the corpus'
        : `the largest item below ${amount(refused, slope.unit)}, which was refused with 413,`;
    // What was measured needs no line: as much was in flight already, and the run went on.
    if (wouldBe <= slope.mostUnits || neededBytes <= usableRatio * limit.bytes) {
      return { ...finding, verdict: 'ok', summary: `${each}; ${fitting} fits.` };
    }
    const largestText = `the largest item, ${amount(largest, slope.unit)}, needs ${formatBytes(neededBytes)}, ${formatShare(neededBytes / limit.bytes)} of ${formatBytes(limit.bytes)}`;
    const raisedBytes = Math.ceil(at(slope.fit.upperSlope) / usableRatio / mebibyte) * mebibyte;
    return {
      ...finding,
      // Even the flattest line of the interval passes the limit.
      verdict: at(slope.fit.lowerSlope) > limit.bytes ? 'fail' : 'warn',
      summary: `${each}: with ${slope.inFlight} at once ${largestText}.`,
      stage: slope.stage.name,
      startedMs: slope.stage.startMs,
      remedy: `Refuse inputs above ${amount(Math.max(0, fits), slope.unit)} with 413, or raise the limit to ${formatBytes(raisedBytes)}.`,
    };
  },
});

const unitWord: Readonly<Record<LoadUnit, string>> = {
  requests: 'request',
  bytes: 'byte',
  audioSeconds: 'second of audio',
  megapixels: 'megapixel',
};
const unitWords: Readonly<Record<LoadUnit, string>> = {
  requests: 'requests',
  bytes: 'bytes',
  audioSeconds: 'seconds of audio',
  megapixels: 'megapixels',
};

function amount(units: number, unit: LoadUnit): string {
  return unit === 'bytes'
    ? formatBytes(units)
    : `${units < 10 ? units.toFixed(1) : Math.floor(units)} ${unitWords[unit]}`;
}

/** Of what the server takes: below the smallest that it refused. */
function largestOf(items: ReadonlyMap<string, ItemTraits>, unit: LoadUnit, below: number): number {
  let largest = 0;
  for (const traits of items.values()) {
    const units = unitsOf(traits, unit) ?? 0;
    largest = units < below ? Math.max(largest, units) : largest;
  }
  return largest;
}

/** Of one item beside others of mean size, by the steepest line of the interval. */
function largestThatFits({ fit, inFlight, meanUnits }: SizeSlope, usableBytes: number): number {
  const middleBytes = fit.intercept + fit.slope * fit.midX;
  return fit.midX + (usableBytes - middleBytes) / fit.upperSlope - (inFlight - 1) * meanUnits;
}

function unanswered(verdict: 'inconclusive' | 'not-applicable' | 'ok', summary: string): Observation {
  return { verdict, summary, value: null, threshold: 1 };
}
