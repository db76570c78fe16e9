import { formatBytes, formatClock, formatDuration, formatShare } from '../../base/units.ts';
import { fullBefore } from '../../computed/full-before-load.ts';
import { growth, timeToLimit, whyNoTrend, windowBefore } from '../../computed/growth.ts';
import { notableBaseRatio } from '../../computed/invalid-advice.ts';
import { valueAt } from '../../computed/series.ts';
import { stageAt } from '../../computed/stages.ts';
import type { Artifacts } from '../../model/artifacts.ts';
import type { DetectorContext, Observation } from '../../model/detector.ts';
import type { KeptByAnswers } from '../../model/kept-answers.ts';

/** "danger" and "watch" of the state table for time to the limit. */
const failRatio = 0.9;
const warnRatio = 0.8;
/** A peak is later than the stop only if it is higher by this share of the limit. */
const roseOnRatio = 0.01;

/** The stop is told at the sample that showed it. */
const nearMs = 2000;

type Seen = Pick<Artifacts, 'footprint' | 'driver' | 'limit' | 'stages' | 'events'>;

/** Memory of the host against the tightest limit. */
export function observeHost(seen: Seen, context: DetectorContext): Observation {
  const { footprint, limit, stages, events, driver } = seen;
  const share = footprint.peakBytes / limit.bytes;
  const { peakBytes, peakMs, peakHolder: holder } = footprint;
  const finding = {
    value: share,
    threshold: failRatio,
    stage: stageAt(stages, peakMs)?.name ?? null,
    startedMs: peakMs,
    evidence: {
      holder,
      peakBytes,
      peakSource: footprint.peakSource,
      limitBytes: limit.bytes,
      limitSource: limit.source,
      headroomBytes: limit.bytes - peakBytes,
    },
  };
  const reached = `Memory reached ${formatBytes(peakBytes)} of ${formatBytes(limit.bytes)} (${formatShare(share)}) at ${formatClock(peakMs)}`;
  const rest = `${beforeLoad(seen)}Limit: ${limit.source}. Most was held by ${holder}.`;
  const kill = events.find((event) => event.kind === 'oom_kill' && event.subject !== 'host');
  if (kill !== undefined) {
    return { ...finding, verdict: 'fail', summary: `${reached}, and the kernel had to kill. ${rest}` };
  }
  const { guard } = context;
  if (guard?.isTargetLimit === true) {
    return guard.wasUnloaded
      ? unloaded(seen, finding, guard)
      : followed(stopped(seen, { finding, reached, rest }, context, guard), driver.answers, context);
  }
  if (share >= warnRatio) {
    const verdict = share >= failRatio ? 'fail' : 'warn';
    return followed({ ...finding, verdict, summary: `${reached}. ${rest}` }, driver.answers, context);
  }
  return {
    ...finding,
    verdict: 'ok',
    summary: `The peak was ${formatBytes(peakBytes)}, ${formatShare(share)} of ${formatBytes(limit.bytes)}. ${rest}`,
    startedMs: null,
    stage: null,
  };
}

type Guard = NonNullable<DetectorContext['guard']>;
type Finding = Omit<Observation, 'verdict' | 'summary'> & Required<Pick<Observation, 'evidence'>>;

function stopped(
  { footprint, limit, stages }: Seen,
  { finding, reached, rest }: { finding: Finding; reached: string; rest: string },
  { profile }: DetectorContext,
  guard: Guard,
): Observation {
  const stage = stageAt(stages, guard.stoppedAtMs);
  const window = windowBefore(footprint.peaks, guard.stoppedAtMs, stage?.startMs ?? 0, profile.scale);
  // A child that took it all in one step has no pace.
  const line = window === null || whyNoTrend(window) !== null ? null : growth(window);
  const etaMs = line === null ? null : timeToLimit(line.fit, limit.bytes).etaMs;
  const projection = etaMs === null ? '' : ` At its pace the limit was ${formatDuration(etaMs)} away.`;
  return {
    ...finding,
    verdict: 'fail',
    summary: `${whenStopped({ footprint, limit }, guard, { reached, projection })} ${rest}`,
    startedMs: guard.stoppedAtMs,
    stage: stage?.name ?? finding.stage ?? null,
    evidence: { ...finding.evidence, guard: guard.reason, projectedMsToLimit: etaMs },
  };
}

/** What came after the stop is not its cause. */
function whenStopped(
  { footprint: { peaks, peakBytes, peakMs }, limit }: Pick<Seen, 'footprint' | 'limit'>,
  { stoppedAtMs }: Guard,
  { reached, projection }: { reached: string; projection: string },
): string {
  const of = (bytes: number): string =>
    `${formatBytes(bytes)} of ${formatBytes(limit.bytes)} (${formatShare(bytes / limit.bytes)})`;
  const ended = `so the guard ended the load at ${formatClock(stoppedAtMs)}.${projection}`;
  const level = valueAt(peaks, stoppedAtMs, nearMs);
  if (level === null || peakMs <= stoppedAtMs) {
    return `${reached}, ${ended}`;
  }
  const on =
    peakBytes - level <= roseOnRatio * limit.bytes
      ? ''
      : ` Without load it rose on to ${of(peakBytes)} at ${formatClock(peakMs)}.`;
  return `Memory reached ${of(level)} at ${formatClock(stoppedAtMs)}, ${ended}${on}`;
}

/** The load did not fill it. */
function unloaded({ footprint, limit }: Seen, finding: Finding, guard: Guard): Observation {
  const bytes = valueAt(footprint.peaks, guard.stoppedAtMs, nearMs) ?? footprint.peakBytes;
  return {
    ...finding,
    verdict: 'fail',
    summary: `${fullBefore} ${formatBytes(bytes)} of ${formatBytes(limit.bytes)} (${formatShare(bytes / limit.bytes)}), so that nothing was sent. Limit: ${limit.source}. Most was held by ${footprint.peakHolder}.`,
    startedMs: guard.stoppedAtMs,
    evidence: { ...finding.evidence, guard: guard.reason },
    remedy:
      'Restart it, or wait until its memory has come back. If it holds as much right after its start, its limit leaves no room for load: raise it.',
  };
}

/** What is held at rest is not the load's doing. */
function beforeLoad({ footprint: { baselineBytes }, limit }: Seen): string {
  return baselineBytes === null || baselineBytes <= notableBaseRatio * limit.bytes
    ? ''
    : `Before the first request it already held ${formatBytes(baselineBytes)} (${formatShare(baselineBytes / limit.bytes)}). `;
}

/** Where memory follows what was answered, a cap on what is in flight mends nothing. */
function followed(seen: Observation, answers: KeptByAnswers | null, { confirming }: DetectorContext): Observation {
  if (answers === null) {
    return seen;
  }
  const { bytesPerAnswer, mostInFlight, keptRatio } = answers;
  return {
    ...seen,
    summary: `${seen.summary} It follows what was answered, not what is in flight: ${formatBytes(bytesPerAnswer)} more for each answered request; ${mostInFlight} in flight or none made no difference.`,
    evidence: {
      holder: null,
      ...seen.evidence,
      keptPerAnswerBytes: bytesPerAnswer,
      answers: answers.answers,
      keptRatio,
    },
    remedy: `Find what is kept after a request was answered (cache, session, job store, buffers keyed by request), and bound it in bytes: a cap on concurrency will not help. If its runtime collects garbage late, bound its heap below the limit first. To confirm: \`${confirming}\`.`,
  };
}
