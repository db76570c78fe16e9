import { median, quantile } from '../base/statistics.ts';
import { formatBytes, formatClock, formatShare } from '../base/units.ts';
import { stepAt } from '../computed/in-flight.ts';
import { between, hasValues, maximum } from '../computed/series.ts';
import { firstLoadMs, quietWindows, stageAt } from '../computed/stages.ts';
import type { Artifacts } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';

/** As for memory that does not return: below it nobody runs out of memory for it. */
const fewestBytes = 64 * 1024 ** 2;
/** What falls back by less than half is a pool that was made once, however much of it is in use. */
const fallenRatio = 0.5;
const settleMs = 5000;
const fewestReadings = 3;

export const lockedMemory = defineDetector({
  id: 'locked-memory',
  title: 'Locked memory does not follow the queue',
  failureTitle: 'Memory that cannot be swapped or reclaimed grows with the queue',
  description: 'Locked and pinned bytes (VmLck, VmPin) that rise with the load and fall when nothing waits.',
  unit: 'bytes',
  remedy:
    'Pin one batch at a time instead of every batch that waits, or turn pinning off (pin_memory=False). Bound the queue whose entries are locked.',
  requires: ['lockedMemory', 'limit', 'inFlight', 'stages'],
  detect({ lockedMemory: locked, limit, inFlight, stages }, { profile }) {
    const base = { value: null, threshold: fewestBytes };
    const loadMs = firstLoadMs(stages);
    const before = loadMs === null ? [] : [...between(locked.total, 0, loadMs).values];
    const baseBytes = median(before);
    const busy = loadMs === null ? null : busyLevels(locked.total, inFlight, loadMs);
    if (!hasValues(locked.total) || busy === null || busy.length < fewestReadings) {
      return { ...base, verdict: 'inconclusive', summary: 'Locked memory was read too rarely under load.' };
    }
    const peakBytes = quantile(busy, 0.95) ?? 0;
    const risen = peakBytes - (baseBytes ?? quantile(busy, 0.05) ?? 0);
    const top = maximum(locked.total);
    const holder = holderOf(locked, top?.tMs ?? 0);
    const finding = {
      value: risen,
      threshold: fewestBytes,
      evidence: { holder, peakBytes, baseBytes, limitRatio: risen / limit.bytes },
    };
    if (risen <= fewestBytes) {
      return { ...finding, verdict: 'ok', summary: `Locked memory rose by ${formatBytes(risen)} under load.` };
    }
    const restBytes = levelAtRest({ total: locked.total, inFlight, stages }, settleMs * profile.scale);
    const told = `Under load ${formatBytes(peakBytes)} were locked, ${formatBytes(risen)} more than before it (${formatShare(risen / limit.bytes)} of the limit)`;
    if (restBytes === null) {
      return {
        ...finding,
        verdict: 'inconclusive',
        summary: `${told}. No quiet time shows whether they follow the queue.`,
      };
    }
    if (peakBytes - restBytes < fallenRatio * risen) {
      return { ...finding, verdict: 'ok', summary: `${told}, and they stay at rest: a pool that was made once.` };
    }
    const startedMs = firstAbove(locked.total, (baseBytes ?? 0) + fewestBytes) ?? loadMs;
    return {
      ...finding,
      verdict: 'fail',
      summary: `${told}, from ${startedMs === null ? 'its start' : formatClock(startedMs)} on; with nothing in flight ${formatBytes(restBytes)} were left.`,
      stage: startedMs === null ? null : (stageAt(stages, startedMs)?.name ?? null),
      startedMs,
    };
  },
});

type Locked = Artifacts['lockedMemory'];

function busyLevels(total: Locked['total'], inFlight: Artifacts['inFlight'], loadMs: number): number[] {
  return [...total.values].filter((value, index) => {
    const tMs = total.tMs[index] ?? 0;
    return tMs >= loadMs && !Number.isNaN(value) && stepAt(inFlight, tMs) > 0;
  });
}

/** Median of the last quiet time after load, once it has settled; null without one. */
function levelAtRest(
  { total, inFlight, stages }: Pick<Locked, 'total'> & Pick<Artifacts, 'inFlight' | 'stages'>,
  settledMs: number,
): number | null {
  const last = quietWindows(stages, inFlight)
    .map(({ startMs, endMs }) => between(total, startMs + settledMs, endMs))
    .findLast(({ values }) => values.filter((value) => !Number.isNaN(value)).length >= fewestReadings);
  return last === undefined ? null : median(last.values);
}

function firstAbove(total: Locked['total'], bytes: number): number | null {
  const index = total.values.findIndex((value) => value > bytes);
  return index < 0 ? null : (total.tMs[index] ?? null);
}

function holderOf({ holders }: Locked, tMs: number): string | null {
  const [first] = holders
    .map(({ role, series }) => ({ role, bytes: series.values[series.tMs.indexOf(tMs)] ?? 0 }))
    .toSorted((a, b) => b.bytes - a.bytes);
  return first?.role ?? null;
}
