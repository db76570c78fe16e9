import { formatBytes, formatClock, formatShare } from '../base/units.ts';
import { stepAt } from '../computed/in-flight.ts';
import { valueAt } from '../computed/series.ts';
import { stageAt } from '../computed/stages.ts';
import type { Artifacts } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';
import type { RequestRecord } from '../model/record.ts';

/** One of two tenants: more than half is over its share. */
const shareRatio = 0.5;
/** A holder of less cannot be what a model is missing. */
const worthMentioningBytes = 64 * 1024 ** 2;
const readingAgeMs = 10_000;
/** 503 and 504 may be the neighbour's own load; a 4xx is a request of ours that was wrong. */
const busyStatuses: readonly number[] = [503, 504];

interface Blame {
  record: RequestRecord;
  tMs: number;
  /** Requests of the target in flight then. */
  open: number;
  heldBytes: number | null;
  heldRatio: number | null;
}

export const neighbourFailure = defineDetector({
  id: 'neighbour-failure',
  title: 'The neighbour on the device can work',
  failureTitle: 'The neighbour fails for what the target holds',
  description:
    'Calls of a second tenant that fail while the target is idle, or holds more than its share of the device.',
  unit: 'requests',
  remedy:
    'Let the target give its memory back when it is idle (a time to live for models, such as MODEL_TTL=600), or cap it below the device less what the neighbour needs. Alarm on free device memory, not on health.',
  requires: ['neighbour', 'device', 'inFlight', 'stages'],
  detect({ neighbour, device, inFlight, stages }) {
    const base = { value: null, threshold: 0 };
    const judged = neighbour.filter(
      ({ endMs, status, outcome }) => endMs !== null && (status !== null || outcome === 'ok'),
    );
    if (judged.length === 0) {
      return { ...base, verdict: 'inconclusive', summary: 'The neighbour gave no answer that could be judged.' };
    }
    const failed = judged.filter(isFailure).map((record) => blameOf(record, { device, inFlight }));
    const blamed = failed.filter(
      ({ open, heldBytes, heldRatio }) =>
        heldBytes !== null && heldBytes >= worthMentioningBytes && (open === 0 || (heldRatio ?? 0) > shareRatio),
    );
    const [first] = blamed;
    if (first === undefined) {
      return failed.length === 0
        ? {
            ...base,
            value: 0,
            verdict: 'ok',
            summary: `The neighbour was answered ${judged.length} times without a failure.`,
          }
        : {
            ...base,
            value: failed.length,
            verdict: 'inconclusive',
            summary: `The neighbour failed ${failed.length} of ${judged.length} times, but the target worked within its share or its share was not read.`,
          };
    }
    const { record, tMs, open, heldBytes, heldRatio } = first;
    const free = valueAt(device.freeBytes, tMs, readingAgeMs);
    const state = open === 0 ? 'idle' : `working on ${open} requests`;
    return {
      verdict: 'fail',
      summary: `The neighbour failed ${blamed.length} of ${judged.length} times, first at ${formatClock(tMs)} (${record.errorCode ?? record.status ?? record.outcome}), while the target was ${state} and held ${formatBytes(heldBytes)} of the device (${formatShare(heldRatio)}); ${formatBytes(free)} were free.`,
      value: blamed.length,
      threshold: 0,
      stage: stageAt(stages, tMs)?.name ?? null,
      startedMs: tMs,
      evidence: { holder: 'target', device: device.instance, heldBytes, freeBytes: free, failed: failed.length },
    };
  },
});

function isFailure({ outcome, status }: RequestRecord): boolean {
  return outcome === 'http_error' && status !== null && status >= 500 && !busyStatuses.includes(status);
}

/** The target's share by its processes; where no driver tells it, all that is in use is put down to no one. */
function blameOf(record: RequestRecord, { device, inFlight }: Pick<Artifacts, 'device' | 'inFlight'>): Blame {
  const tMs = record.endMs ?? record.plannedMs;
  const heldBytes = valueAt(device.treeBytes, tMs, readingAgeMs);
  return {
    record,
    tMs,
    open: stepAt(inFlight, tMs),
    heldBytes,
    heldRatio: heldBytes === null || device.totalBytes === null ? null : heldBytes / device.totalBytes,
  };
}
