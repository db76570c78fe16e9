import { formatClock, formatRate } from '../base/units.ts';
import { answered } from '../computed/latency.ts';
import { stageAt } from '../computed/stages.ts';
import type { StageWindow } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';
import type { RequestRecord } from '../model/record.ts';

const thresholdRatio = 0.5;
/** Parts of a stage; the first fills queues, the last two must both be low. */
const parts = 6;
const fewestInBestPart = 20;
/** 99 %, one-sided: the parts that are compared were picked. */
const oneSidedZ = 2.326;
/** The offer of the parts that are compared must be the same up to its own noise. */
const sameOfferRatio = 0.8;

interface Part {
  startMs: number;
  offered: number;
  achieved: number;
}

interface Collapse {
  window: StageWindow;
  best: number;
  now: number;
  fromMs: number;
  partMs: number;
}

export const throughputCollapse = defineDetector({
  id: 'throughput-collapse',
  title: 'Answers keep coming at the rate of the server',
  failureTitle: 'Fewer answers come for the same load',
  description: 'Good answers per second at the end of a stage of constant load, against the best of that stage.',
  unit: 'ratio',
  remedy:
    'Refuse what cannot be answered in time (429 or 503 with Retry-After) instead of queueing it. A queue longer than the timeout of its callers makes only answers that nobody reads.',
  requires: ['records', 'stages', 'events'],
  detect({ records, stages, events }) {
    const base = { value: null, threshold: thresholdRatio };
    const stopMs = events.find(({ kind }) => kind === 'guard_stop')?.tMs ?? Number.POSITIVE_INFINITY;
    const steady = stages.filter(
      ({ kind, stage }) =>
        kind === 'load' &&
        (stage.load?.executor === 'constant-arrival-rate' || stage.load?.executor === 'constant-vus'),
    );
    if (steady.length === 0) {
      return { ...base, verdict: 'not-applicable', summary: 'No stage had a constant load.' };
    }
    const judged = steady.flatMap((window) => {
      const cut = { ...window, endMs: Math.min(window.endMs, stopMs) };
      const split = partsOf(cut, records);
      const best = secondBest(split);
      return best >= fewestInBestPart ? [{ window: cut, split, best }] : [];
    });
    if (judged.length === 0) {
      const summary = `No stage of constant load had ${fewestInBestPart} answers in a sixth of its time.`;
      return { ...base, verdict: 'inconclusive', summary };
    }
    const ratios = judged.map(({ split, best }) => lastTwo(split) / 2 / best);
    const value = Math.min(...ratios);
    const [worst] = judged
      .flatMap((stage) => collapseOf(stage) ?? [])
      .toSorted((a, b) => a.now / a.best - b.now / b.best);
    if (worst === undefined) {
      const summary = `At the end of each stage of constant load at least ${Math.round(value * 100)} % of its best rate was answered.`;
      return { ...base, verdict: 'ok', value, summary };
    }
    const perSecond = (count: number): string => formatRate((count * 1000) / worst.partMs);
    return {
      verdict: 'fail',
      summary: `In ${worst.window.name} the rate of good answers fell from ${perSecond(worst.best)} to ${perSecond(worst.now)} for the same load, from ${formatClock(worst.fromMs)} on.`,
      value: worst.now / worst.best,
      threshold: thresholdRatio,
      stage: stageAt(stages, worst.fromMs)?.name ?? worst.window.name,
      startedMs: worst.fromMs,
      evidence: {
        holder: null,
        bestPerSecond: (worst.best * 1000) / worst.partMs,
        lastPerSecond: (worst.now * 1000) / worst.partMs,
      },
    };
  },
});

function partsOf({ name, startMs, endMs }: StageWindow, records: readonly RequestRecord[]): readonly Part[] {
  const partMs = (endMs - startMs) / parts;
  const ofStage = records.filter(({ stage }) => stage === name);
  const good = answered(ofStage);
  const within = (tMs: number, index: number): boolean =>
    tMs >= startMs + index * partMs && tMs < startMs + (index + 1) * partMs;
  return Array.from({ length: parts }, (_, index) => ({
    startMs: startMs + index * partMs,
    offered: ofStage.filter(({ plannedMs }) => within(plannedMs, index)).length,
    achieved: good.filter((record) => within(record.endMs, index)).length,
  }));
}

/** Of all but the first part: the best one alone would be the luckiest. */
function secondBest(split: readonly Part[]): number {
  return (
    split
      .slice(1)
      .map(({ achieved }) => achieved)
      .toSorted((a, b) => b - a)[1] ?? 0
  );
}

function lastTwo(split: readonly Part[]): number {
  return split.slice(-2).reduce((sum, { achieved }) => sum + achieved, 0);
}

/**
 * b = good answers of the second best part, x = the mean of the last two; q = the threshold. Counts of independent
 * answers have the variance of their mean (Poisson), so qb - x has q^2 b + x / 2, and must pass z times its root.
 */
function collapseOf({
  window,
  split,
  best,
}: {
  window: StageWindow;
  split: readonly Part[];
  best: number;
}): Collapse | null {
  const { load } = window.stage;
  const last = split.slice(-2);
  const peak = split.slice(1).find(({ achieved }) => achieved === best);
  const first = last[0];
  if (first === undefined || peak === undefined || load === null) {
    return null;
  }
  const isSameOffer =
    load.executor === 'constant-vus' || last.every(({ offered }) => offered >= sameOfferRatio * peak.offered);
  const now = lastTwo(split) / 2;
  const isLow = last.every(({ achieved }) => achieved < thresholdRatio * best);
  const isReal = thresholdRatio * best - now > oneSidedZ * Math.sqrt(thresholdRatio ** 2 * best + now / 2);
  return isSameOffer && isLow && isReal
    ? { window, best, now, fromMs: first.startMs, partMs: (window.endMs - window.startMs) / parts }
    : null;
}
