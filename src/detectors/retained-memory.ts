import { formatBytes, formatShare } from '../base/units.ts';
import { holderAt } from '../computed/footprint.ts';
import { defineDetector } from '../model/detector.ts';

const retainedRatio = 0.5;
/** Less than this is an allocator's floor on any server. */
const notableBytes = 64 * 1024 ** 2;

export const retainedMemory = defineDetector({
  id: 'retained-memory',
  title: 'Memory goes back after load',
  failureTitle: 'Memory does not go back after load',
  description: 'Share of the rise under load that is still held when the load has long ended.',
  unit: 'ratio',
  remedy:
    'Repeat the load: if the floor rises again it is a leak, if not it is an allocator or a cache that keeps its highest level. Then bound the cache or give memory back when idle.',
  requires: ['footprint', 'stages'],
  detect({ footprint, stages }) {
    const { baselineBytes, floorBytes, peakBytes } = footprint;
    const nothing = { value: null, threshold: retainedRatio };
    if (baselineBytes === null || floorBytes === null) {
      const missing = baselineBytes === null ? 'an idle stage before load' : 'a quiet stage after load';
      return { ...nothing, verdict: 'not-applicable', summary: `The run has no sample of ${missing}.` };
    }
    const roseBytes = peakBytes - baselineBytes;
    if (roseBytes < notableBytes) {
      return {
        ...nothing,
        verdict: 'not-applicable',
        summary: `The load raised memory by only ${formatBytes(roseBytes)}; under ${formatBytes(notableBytes)} nothing is judged.`,
      };
    }
    const keptBytes = floorBytes - baselineBytes;
    const ratio = keptBytes / roseBytes;
    const quiet = stages.findLast(({ kind }) => kind === 'lull' || kind === 'silence' || kind === 'idle');
    const holder = holderAt(footprint.holders, quiet?.endMs ?? footprint.peakMs);
    const finding = {
      value: ratio,
      threshold: retainedRatio,
      evidence: { holder, baselineBytes, peakBytes, floorBytes, retainedBytes: keptBytes },
    };
    if (ratio > retainedRatio && keptBytes > notableBytes) {
      return {
        ...finding,
        verdict: 'warn',
        summary: `After load ${formatBytes(keptBytes)} of the ${formatBytes(roseBytes)} that the load added are still held (${formatShare(ratio)}), most by ${holder ?? 'nobody seen'}. One round cannot tell a leak from an allocator that keeps its highest level.`,
        stage: quiet?.name ?? null,
        startedMs: quiet?.startMs ?? null,
      };
    }
    return {
      ...finding,
      verdict: 'ok',
      summary: `Memory fell back to ${formatBytes(floorBytes)}; it was ${formatBytes(baselineBytes)} before load and ${formatBytes(peakBytes)} at its peak.`,
    };
  },
});
