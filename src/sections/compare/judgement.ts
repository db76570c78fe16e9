import type { NightMetric } from '../../computed/gate/metrics.ts';
import { valueText } from '../../computed/gate/value-text.ts';
import type { RunResult, StageResult } from '../../model/result.ts';
import { type Candidate, type Comparison, ofSide, type Side } from './comparison.ts';
import { cappedBy, isCapped, stageOfStop } from './stops.ts';

/** How far the baseline may be left before the gate would object to it as a reference; null: it does not judge this. */
export function thresholdOf({ constants }: Comparison, { id, median, isBiggerBetter }: NightMetric): number | null {
  const rule = constants?.metrics[id];
  if (rule === undefined) {
    return null;
  }
  const move = Math.max(rule.deltaRef * Math.abs(median), rule.absFloor);
  return isBiggerBetter ? median - move : median + move;
}

/** Spans and rates that are equal but for rounding and the last request of a stage. */
const equalRatio = 0.05;

function isAlike(a: number | null, b: number | null): boolean {
  return a === b || (a !== null && b !== null && Math.abs(a - b) <= equalRatio * Math.max(Math.abs(a), Math.abs(b)));
}

const ofRequests = (id: string): boolean => id === 'throughput' || id.endsWith('-latency');

export const notComparable = 'not judged: not comparable';

/** Only `--force` brings the two onto one page. */
export const isRefused = ({ isForced }: Comparison, { differences }: Candidate): boolean =>
  isForced && differences.some((one) => one.class === 'must');

/** Why two numbers say nothing of better or worse; null: they may be judged. */
function whyNotJudged(comparison: Comparison, candidate: Candidate, { id, stage }: NightMetric): string | null {
  if (isRefused(comparison, candidate)) {
    return notComparable;
  }
  const sides: readonly Side[] = [comparison.base, candidate];
  const isCut = stage !== null && sides.some(({ runs }) => runs.some((run) => stageOfStop(run) === stage));
  const isPeak = id === 'peak-memory' || id === 'device-peak';
  if ((isPeak && sides.some(isCapped)) || (id === 'stage-memory' && isCut)) {
    return `not judged: ${cappedBy(sides)}`;
  }
  if (!ofRequests(id)) {
    return null;
  }
  const both = (read: (found: StageResult) => number | null): readonly (number | null)[] =>
    sides.map((side) => ofSide(side, (run) => inStage(run, stage, read)));
  const [spanBefore = null, spanNow = null] = both(({ startMs, endMs }) => endMs - startMs);
  if (isCut || !isAlike(spanBefore, spanNow)) {
    return 'not judged: unequal spans';
  }
  // A closed stage offers what is answered, so its rate is a result and not a condition.
  const [offeredBefore = null, offeredNow = null] = both(({ loadModel, offeredPerSecond }) =>
    loadModel === 'open' ? offeredPerSecond : null,
  );
  if (!isAlike(offeredBefore, offeredNow)) {
    return 'not judged: another rate was offered';
  }
  const answeredShare = ({ requests: { planned, outcomes } }: StageResult): number | null =>
    planned === 0 ? null : outcomes.ok / planned;
  const [answeredBefore = null, answeredNow = null] = both(answeredShare);
  // Latency counts answers alone, so who answers less may look faster.
  return id === 'throughput' || isAlike(answeredBefore, answeredNow) ? null : 'not judged: another share was answered';
}

function inStage(
  { stages }: RunResult,
  name: string | null,
  read: (found: StageResult) => number | null,
): number | null {
  const found = stages.find((stage) => stage.name === name);
  return found === undefined ? null : read(found);
}

/** A metric of both sides against the threshold of the gate, in a mark and a word. */
export function judged(
  comparison: Comparison,
  candidate: Candidate,
  [before, now]: readonly [NightMetric, NightMetric],
): string {
  const threshold = thresholdOf(comparison, before);
  const why = whyNotJudged(comparison, candidate, now);
  if (why !== null || threshold === null) {
    return why ?? 'no threshold';
  }
  const worse = before.isBiggerBetter ? -1 : 1;
  if (worse * (now.median - threshold) > 0) {
    return '✕ beyond';
  }
  const move = Math.abs(threshold - before.median);
  const word = worse * (before.median - now.median) > move ? '✓ better' : '✓ within';
  return `${word}${nearLimit(comparison, now)}`;
}

/** Within the threshold of its own past a peak may still stand at its limit. */
function nearLimit({ constants }: Comparison, { median, limit }: NightMetric): string {
  const share = limit === null || limit === 0 ? 0 : median / limit;
  return constants !== null && share >= constants.absolute.peakWarnRatio
    ? `, at ${valueText(share, 'ratio')} of the limit`
    : '';
}
