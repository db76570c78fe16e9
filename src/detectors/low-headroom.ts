import { formatBytes, formatClock, formatDuration, formatShare } from '../base/units.ts';
import { growthBefore, timeToLimit } from '../computed/growth.ts';
import { stageAt } from '../computed/stages.ts';
import { defineDetector } from '../model/detector.ts';

/** "danger" and "watch" of the state table for time to the limit. */
const failRatio = 0.9;
const warnRatio = 0.8;

export const lowHeadroom = defineDetector({
  id: 'low-headroom',
  title: 'Memory keeps its distance from the limit',
  failureTitle: 'Memory comes too close to the limit',
  description: 'Peak footprint against the tightest limit of the target, its ancestors and the host.',
  unit: 'ratio',
  remedy:
    'Lower what is held at once (workers, requests, queued bytes), or raise the limit above the peak with a reserve.',
  requires: ['footprint', 'limit', 'stages', 'events'],
  detect({ footprint, limit, stages, events }, context) {
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
      const line = growthBefore(footprint.total, guard.stoppedAtMs, stage?.startMs ?? 0, context.profile.scale);
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
  },
});
