import { formatBytes, formatClock, formatShare } from '../base/units.ts';
import { holderAt } from '../computed/footprint.ts';
import { meanShare } from '../computed/pressure.ts';
import { hasValues, valueAt } from '../computed/series.ts';
import { stageAt } from '../computed/stages.ts';
import { defineDetector } from '../model/detector.ts';

const windowMs = 10_000;
const warnRatio = 0.1;
const failRatio = 0.4;
/** The host stalls for many reasons: far from the limit its pressure is not the target's. */
const nearLimitRatio = 0.5;
const levelAgeMs = 10_000;

export const memoryStall = defineDetector({
  id: 'memory-stall',
  title: 'Nothing waits for memory',
  failureTitle: 'Everything waits for memory',
  description: 'Share of 10 s in which all tasks stalled on memory (PSI full), read beside the level.',
  unit: 'ratio',
  remedy:
    'The machine swaps or reclaims instead of working: lower the footprint or raise the limit before it is killed.',
  requires: ['pressure', 'footprint', 'limit', 'stages'],
  detect({ pressure, footprint, limit, stages }) {
    if (!hasValues(pressure.memoryFull)) {
      return {
        verdict: 'inconclusive',
        summary: 'No interval of memory pressure was measured.',
        value: null,
        threshold: warnRatio,
      };
    }
    let worst: { share: number; tMs: number } | null = null;
    for (const tMs of pressure.memoryFull.tMs) {
      const share = meanShare(pressure.memoryFull, tMs, windowMs);
      if (share !== null && (worst === null || share > worst.share)) {
        worst = { share, tMs };
      }
    }
    if (worst === null) {
      return {
        verdict: 'inconclusive',
        summary: 'Memory pressure was measured for less than 10 s.',
        value: null,
        threshold: warnRatio,
      };
    }
    const { share, tMs } = worst;
    const levelBytes = valueAt(footprint.total, tMs, levelAgeMs);
    const level = levelBytes === null ? null : levelBytes / limit.bytes;
    const where = pressure.scope === 'host' ? 'the host' : pressure.scope;
    const beside = level === null ? 'unknown' : `${formatBytes(levelBytes)}, ${formatShare(level)} of its limit`;
    const isElsewhere = pressure.scope === 'host' && (level === null || level < nearLimitRatio);
    const stalled = `In ${where} all tasks waited for memory for ${formatShare(share)} of the 10 s before ${formatClock(tMs)}; the target held ${beside}.`;
    const finding = {
      value: share,
      threshold: warnRatio,
      evidence: { holder: holderAt(footprint.holders, tMs), scope: pressure.scope, levelRatio: level },
    };
    if (share <= warnRatio) {
      return {
        ...finding,
        verdict: 'ok',
        summary: `At most ${formatShare(share)} of any 10 s was spent waiting for memory (${where}).`,
      };
    }
    return {
      ...finding,
      verdict: share > failRatio && !isElsewhere ? 'fail' : 'warn',
      summary: isElsewhere ? `${stalled} Far from its limit the target may not be the cause.` : stalled,
      stage: stageAt(stages, tMs)?.name ?? null,
      startedMs: tMs,
    };
  },
});
