import { formatBytes, formatShare } from '../base/units.ts';
import { capacityOf, isHeld, limitFor, projectedBytes, unboundedUpTo } from '../computed/capacity.ts';
import { cumulativeClaim } from '../computed/cumulative.ts';
import { growingHolder } from '../computed/footprint.ts';
import { between, maximum } from '../computed/series.ts';
import type { Footprint, Ladder } from '../model/artifacts.ts';
import type { Capacity } from '../model/capacity.ts';
import { defineDetector } from '../model/detector.ts';
import { leakRemedy, observeSearch } from './headroom/of-search.ts';

/** Room for half as many again as are asked for. */
const reserveTimes = 1.5;
/** The level before a stage is that of the samples just before it. */
const beforeMs = 2000;

export const concurrencyAmplification = defineDetector({
  id: 'concurrency-amplification',
  title: 'Memory has room for the concurrency that was asked for',
  failureTitle: 'So many requests at once do not fit in memory',
  description: 'Memory per request in flight, times the concurrency that was asked for, against the limit.',
  unit: 'ratio',
  remedy: 'Admit fewer requests at once and answer 429 to the rest.',
  requires: ['ladder', 'limit', 'footprint'],
  detect({ ladder, limit, footprint }, context) {
    if (ladder.search !== null) {
      return observeSearch(ladder.search, limit, context);
    }
    if (ladder.cumulativeWhy !== null) {
      return {
        verdict: 'warn',
        summary: `No number at once is known to fit: ${cumulativeClaim}. In the pauses ${ladder.cumulativeWhy}.`,
        value: null,
        threshold: 1,
        stage: ladder.rungs.at(-1)?.stage ?? null,
        startedMs: ladder.rungs.at(-1)?.startMs ?? null,
        evidence: { holder: holderOf(footprint, ladder) },
        remedy: leakRemedy(context),
      };
    }
    const capacity = capacityOf(ladder, limit);
    if (typeof capacity === 'string') {
      return {
        verdict: ladder.rungs.length === 0 ? 'not-applicable' : 'inconclusive',
        summary: `Not known: ${capacity}.`,
        value: null,
        threshold: 1,
      };
    }
    const { concurrency: asked, stage } = ladder.asked;
    const neededBytes = projectedBytes(capacity, asked);
    const held = isHeld(capacity, asked);
    const per = `Each request in flight takes ${formatBytes(capacity.bytesPerInFlight)} over a base of ${formatBytes(capacity.baseBytes)}`;
    const finding = {
      value: neededBytes / limit.bytes,
      threshold: 1,
      evidence: {
        holder: holderOf(footprint, ladder),
        safeConcurrency: capacity.safeConcurrency,
        projectedConcurrency: capacity.projectedConcurrency ?? null,
        measuredConcurrency: capacity.measuredConcurrency ?? null,
        askedConcurrency: asked,
        heldConcurrency: capacity.heldConcurrency,
        bytesPerInFlight: capacity.bytesPerInFlight,
        upperBytesPerInFlight: capacity.upperBytesPerInFlight,
        baseBytes: capacity.baseBytes,
        neededBytes,
        limitBytes: limit.bytes,
        limitSource: limit.source,
        confidence: capacity.confidence,
      },
    };
    const { safeConcurrency } = capacity;
    if (safeConcurrency === null) {
      const upTo = unboundedUpTo(capacity);
      const reach = upTo === null ? '' : `, ${upTo} at once at most`;
      return {
        ...finding,
        verdict: 'ok',
        summary: `Memory did not grow with what was in flight${reach} (${capacity.basis}).`,
      };
    }
    const isAtLeast = capacity.isAtLeast === true;
    // As many as are asked for must lie near what was measured; the reserve above them may be arithmetic.
    const hasReserve = Math.max(safeConcurrency, capacity.projectedConcurrency ?? 0) >= reserveTimes * asked;
    if (held || (safeConcurrency >= asked && hasReserve)) {
      const room = safeConcurrency > asked ? `; ${isAtLeast ? 'at least' : 'about'} ${safeConcurrency} would fit` : '';
      return { ...finding, verdict: 'ok', summary: `${per}, and ${asked} at once fit${room}.` };
    }
    const bad = {
      ...finding,
      stage,
      startedMs: ladder.rungs[0]?.startMs ?? null,
      remedy: remedyOf(capacity, asked),
    };
    const safe = `${isAtLeast ? 'at least ' : ''}${safeConcurrency}`;
    const tooMany = `${per}, so that ${asked} at once need ${formatBytes(neededBytes)}, ${formatShare(neededBytes / limit.bytes)} of ${formatBytes(limit.bytes)}`;
    if (neededBytes > limit.bytes && ladder.isBaseSteady) {
      return { ...bad, verdict: 'fail', summary: `${tooMany}. Safe: ${safe} at once.` };
    }
    // Within the limit, told by a line through a few points, and no level was ended by memory: no ground for an alarm.
    const isAlarm =
      neededBytes > limit.bytes || capacity.confidence !== 'low' || ladder.rungs.some(({ isCut }) => isCut);
    return {
      ...bad,
      ...(isAlarm || !isAtLeast ? {} : { remedy: `Measure nearer to ${asked} at once, as with capacity-search.` }),
      verdict: isAlarm ? 'warn' : 'inconclusive',
      summary: `${tooMany}. Safe: ${safe} at once, and ${asked} were not reached. ${confidenceSentence(capacity)}`,
    };
  },
});

function confidenceSentence({ confidence, confidenceWhy }: Capacity): string {
  return `Confidence is ${confidence}: ${confidenceWhy}.`;
}

function remedyOf(capacity: Capacity, asked: number): string {
  const safe = capacity.safeConcurrency ?? 0;
  const raise = `raise the limit to ${formatBytes(limitFor(capacity, asked))} for ${asked} at once`;
  return safe < 1
    ? `Not even one request fits with a reserve: ${raise}, or make one request cost less.`
    : `Admit at most ${safe} at once and answer 429 to the rest, or ${raise}.`;
}

/** Who grew most on the way to the peak of the highest level that was measured whole. */
function holderOf(footprint: Footprint, { rungs }: Ladder): string | null {
  const rung = rungs.findLast(({ isCut }) => !isCut);
  const peak = rung === undefined ? null : maximum(between(footprint.total, rung.startMs, rung.endMs));
  return rung === undefined || peak === null
    ? null
    : (growingHolder(footprint.holders, rung.startMs - beforeMs, peak.tMs) ?? footprint.peakHolder);
}
