import { formatBytes, formatClock, formatDuration, formatShare } from '../base/units.ts';
import { growth, timeToLimit, whyNoTrend, windowBefore } from '../computed/growth.ts';
import { stageAt } from '../computed/stages.ts';
import type { Artifacts } from '../model/artifacts.ts';
import { type DetectorContext, defineDetector, type Observation } from '../model/detector.ts';
import type { DeviceLevel } from '../model/server-gauges.ts';
import { deviceLine, deviceName, deviceVerdict, observeDevice } from './headroom/on-device.ts';

/** "danger" and "watch" of the state table for time to the limit. */
const failRatio = 0.9;
const warnRatio = 0.8;
/** A card that is emptier is no news. */
const notableRatio = 0.1;

export const lowHeadroom = defineDetector({
  id: 'low-headroom',
  title: 'Memory keeps its distance from the limit',
  failureTitle: 'Memory comes too close to the limit',
  description:
    'Peak footprint against the tightest limit of the target, its ancestors and the host; each device against its own size.',
  unit: 'ratio',
  remedy:
    'Lower what is held at once (workers, requests, queued bytes), or raise the limit above the peak with a reserve.',
  requires: ['footprint', 'limit', 'deviceLevels', 'stages', 'events'],
  detect(artifacts, context) {
    const { deviceLevels, footprint, limit, stages } = artifacts;
    const onHost = observeHost(artifacts, context);
    const [worst] = deviceLevels.toSorted((a, b) => rankOf(b) - rankOf(a) || shareOf(b) - shareOf(a));
    if (worst === undefined) {
      return onHost;
    }
    if (rankOf(worst) > ranks.indexOf(onHost.verdict)) {
      const seen = observeDevice(worst, stages);
      const hostShare = formatShare(footprint.peakBytes / limit.bytes);
      const others = deviceLevels.filter((one) => one !== worst).map(deviceLine);
      const elsewhere = [`host: ${hostShare} of ${formatBytes(limit.bytes)}`, ...others].join('; ');
      return {
        ...seen,
        summary: `${seen.summary} Host memory reached ${hostShare} of its limit.`,
        evidence: { holder: null, ...seen.evidence, elsewhere },
      };
    }
    const toldOfDevice =
      rankOf(worst) > 0
        ? ` The ${deviceName(worst)} is short of room too: ${formatShare(shareOf(worst))}.`
        : shareOf(worst) >= notableRatio
          ? ` The ${deviceName(worst)} was filled to ${formatShare(shareOf(worst))} at most.`
          : '';
    return {
      ...onHost,
      summary: `${onHost.summary}${toldOfDevice}`,
      evidence: { holder: null, ...onHost.evidence, elsewhere: deviceLevels.map(deviceLine).join('; ') },
    };
  },
});

const ranks: readonly Observation['verdict'][] = ['ok', 'warn', 'fail'];
const rankOf = (level: DeviceLevel): number => ranks.indexOf(deviceVerdict(level));
const shareOf = ({ peakBytes, totalBytes }: DeviceLevel): number => peakBytes / totalBytes;

function observeHost(
  { footprint, limit, stages, events }: Pick<Artifacts, 'footprint' | 'limit' | 'stages' | 'events'>,
  context: DetectorContext,
): Observation {
  const share = footprint.peakBytes / limit.bytes;
  const { peakBytes, peakMs, peakHolder: holder } = footprint;
  const evidence = {
    holder,
    peakBytes,
    peakSource: footprint.peakSource,
    limitBytes: limit.bytes,
    limitSource: limit.source,
    headroomBytes: limit.bytes - peakBytes,
  };
  const reached = `Memory reached ${formatBytes(peakBytes)} of ${formatBytes(limit.bytes)} (${formatShare(share)}) at ${formatClock(peakMs)}`;
  const rest = `Limit: ${limit.source}. Most was held by ${holder}.`;
  const finding = {
    value: share,
    threshold: failRatio,
    stage: stageAt(stages, peakMs)?.name ?? null,
    startedMs: peakMs,
    evidence,
  };
  const kill = events.find((event) => event.kind === 'oom_kill' && event.subject !== 'host');
  if (kill !== undefined) {
    return { ...finding, verdict: 'fail', summary: `${reached}, and the kernel had to kill. ${rest}` };
  }
  const { guard } = context;
  if (guard?.isTargetLimit === true) {
    const stage = stageAt(stages, guard.stoppedAtMs);
    const window = windowBefore(footprint.peaks, guard.stoppedAtMs, stage?.startMs ?? 0, context.profile.scale);
    // A child that took it all in one step has no pace.
    const line = window === null || whyNoTrend(window) !== null ? null : growth(window);
    const etaMs = line === null ? null : timeToLimit(line.fit, limit.bytes).etaMs;
    const projection = etaMs === null ? '' : ` At its pace the limit was ${formatDuration(etaMs)} away.`;
    return {
      ...finding,
      verdict: 'fail',
      summary: `${reached}, so the guard ended the load at ${formatClock(guard.stoppedAtMs)}.${projection} ${rest}`,
      startedMs: guard.stoppedAtMs,
      stage: stage?.name ?? finding.stage,
      evidence: { ...evidence, guard: guard.reason, projectedMsToLimit: etaMs },
    };
  }
  if (share >= warnRatio) {
    return { ...finding, verdict: share >= failRatio ? 'fail' : 'warn', summary: `${reached}. ${rest}` };
  }
  return {
    ...finding,
    verdict: 'ok',
    summary: `The peak was ${formatBytes(peakBytes)}, ${formatShare(share)} of ${formatBytes(limit.bytes)}. ${rest}`,
    startedMs: null,
    stage: null,
  };
}
