import { formatBytes, formatClock, formatDuration, formatShare } from '../base/units.ts';
import { between, valueAt } from '../computed/series.ts';
import { lastingMs } from '../computed/spans.ts';
import { stageAt } from '../computed/stages.ts';
import type { Series } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';

const thresholdRatio = 0.5;
/** A write beyond its size is SIGBUS in whoever mapped the file; small sizes are meant to be used. */
const fullRatio = 0.9;
const fewestReadings = 3;
const rssAgeMs = 10_000;
const mayBeAnothers = 'The target has no cgroup of its own, and the files may be those of another process on this host';
const remedyToTellWhose =
  "Run it again in a cgroup of its own, as with --memory-limit or in a container, to see whose files these are; or list them with their owners (ls -l /dev/shm). If they are the target's, keep fewer batches ahead.";

export const shmPlateau = defineDetector({
  id: 'shm-plateau',
  title: 'Little memory lies in files that no process shows',
  failureTitle: 'Memory stands in shared files that no process shows',
  description:
    'What /dev/shm and other tmpfs gained and no process maps, against the limit; and each against its own size.',
  unit: 'ratio',
  remedy:
    'Keep fewer batches ahead: workers x prefetch x batch x bytes of a decoded item must fit. Stage raw files on disk, and decode just before they are used.',
  requires: ['hiddenMemory', 'limit', 'footprint', 'stages'],
  detect({ hiddenMemory, limit, footprint, stages }, { profile }) {
    const base = { value: null, threshold: thresholdRatio };
    const lastsMs = lastingMs(profile.scale);
    const { unseen, isOwn, mounts } = hiddenMemory;
    const top = heldLevel(unseen, lastsMs);
    if (top === null) {
      const summary = `The files in memory were read for less than ${formatDuration(lastsMs)}.`;
      return { ...base, verdict: 'inconclusive', summary };
    }
    const ratio = top.bytes / limit.bytes;
    const full = mounts.find(({ used, sizeBytes }) => {
      const before = used.values.find((value) => !Number.isNaN(value)) ?? 0;
      const level = heldLevel(used, lastsMs)?.bytes ?? 0;
      return sizeBytes !== null && level > before && level > fullRatio * sizeBytes;
    });
    const rssBytes = valueAt(footprint.rss, top.fromMs, rssAgeMs);
    const finding = {
      value: ratio,
      threshold: thresholdRatio,
      evidence: { holder: 'shared memory', unseenBytes: top.bytes, rssBytes, fullMount: full?.mountPoint ?? null },
    };
    if (ratio <= thresholdRatio && full === undefined) {
      return {
        ...finding,
        verdict: 'ok',
        summary: `Files in memory that no process shows held at most ${formatBytes(top.bytes)}, ${formatShare(ratio)} of the limit.`,
      };
    }
    const shown = rssBytes === null ? '' : `, while the RSS of all processes showed ${formatBytes(rssBytes)}`;
    const isOverLimit = ratio > thresholdRatio;
    const plateau = `${formatBytes(top.bytes)} stood in files in memory that no process${isOwn ? '' : ' of the target'} shows, ${formatShare(ratio)} of the limit of ${formatBytes(limit.bytes)} (${limit.source}), from ${formatClock(top.fromMs)} on${shown}.`;
    return {
      ...finding,
      // A mount of 64 MiB may be sized to be full, so that alone is no death; nor is what another may hold.
      verdict: isOverLimit && isOwn ? 'fail' : 'warn',
      ...(isOwn ? {} : { remedy: remedyToTellWhose }),
      summary: isOverLimit
        ? `${plateau}${isOwn ? '' : ` ${mayBeAnothers}.`}`
        : `${full?.mountPoint ?? 'A tmpfs'} was full above ${formatShare(fullRatio)} of its own ${formatBytes(full?.sizeBytes ?? null)}: the next write ends in SIGBUS or ENOSPC.`,
      stage: stageAt(stages, top.fromMs)?.name ?? null,
      startedMs: top.fromMs,
    };
  },
});

/** The highest level that lasted: at every reading of some window of `lastsMs` at least so much was held. */
function heldLevel(series: Series, lastsMs: number): { bytes: number; fromMs: number } | null {
  let best: { bytes: number; fromMs: number } | null = null;
  const lastMs = series.tMs.at(-1) ?? 0;
  for (const fromMs of series.tMs) {
    if (fromMs + lastsMs > lastMs) {
      break;
    }
    const part = between(series, fromMs, fromMs + lastsMs).values.filter((value) => !Number.isNaN(value));
    const bytes = Math.min(...part);
    if (part.length >= fewestReadings && (best === null || bytes > best.bytes)) {
      best = { bytes, fromMs };
    }
  }
  return best;
}
