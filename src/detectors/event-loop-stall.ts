import { formatBytes, formatClock, formatDuration } from '../base/units.ts';
import { hasValues } from '../computed/series.ts';
import { meanRate, type Span, spansWhere } from '../computed/spans.ts';
import { stageAt } from '../computed/stages.ts';
import type { Series } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';
import type { CpuUse, ProcessCpu } from '../model/server-gauges.ts';

/** A loop that never waits takes a whole core; a tenth is left to who else is scheduled on it. */
const busyCores = 0.9;
/** How long a health question waits for its answer. */
const healthTimeoutMs = 2000;
/** Three such timeouts: the number of failures after which Kubernetes restarts a container by default. */
const stallMs = 6000;
const shortestStallMs = 3000;
const fewestAsks = 2;
/** Sockets are read less often than health is asked. */
const socketAgeMs = 5000;

interface Stall extends Span {
  process: ProcessCpu;
  cores: number;
  unreadBytes: number;
}

export const eventLoopStall = defineDetector({
  id: 'event-loop-stall',
  title: 'The event loop turns',
  failureTitle: 'The event loop stands still while its thread is busy',
  description: 'Health unanswered, the thread that should answer busy with a core, and bytes unread at its sockets.',
  unit: 'ms',
  remedy:
    'Find what keeps the main thread busy without yielding, with a stack dump of that process. Move such work to a thread or process of its own, or let it yield.',
  requires: ['health', 'cpu', 'unreadBytes', 'stages'],
  detect({ health, cpu, unreadBytes, stages }, { profile }) {
    const thresholdMs = Math.max(shortestStallMs, stallMs * profile.scale);
    const base = { value: null, threshold: thresholdMs };
    const answerers = whoAnswers(cpu);
    if (!hasValues(health.ok) || answerers.length === 0 || !hasValues(unreadBytes)) {
      const what = hasValues(health.ok) ? "the target's CPU or sockets" : 'health';
      return { ...base, verdict: 'inconclusive', summary: `No reading of ${what} was made.` };
    }
    const silences = spansWhere(health.ok, (ok) => ok === 0)
      .map((span) => ({ ...span, startMs: Math.max(0, span.startMs - healthTimeoutMs) }))
      .filter(({ startMs, endMs, readings }) => readings >= fewestAsks && endMs - startMs >= thresholdMs);
    // A refusal has a round trip: the loop turned.
    const unanswered = silences.filter((span) => !wasRefused(health.rttMs, span));
    const stalls = unanswered.flatMap((span) => stallIn(span, answerers, unreadBytes) ?? []);
    const [worst] = stalls.toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs));
    if (worst === undefined) {
      const longestMs = Math.max(0, ...unanswered.map(({ startMs, endMs }) => endMs - startMs));
      return {
        verdict: 'ok',
        summary:
          longestMs === 0
            ? `Health was never silent for ${formatDuration(thresholdMs)}.`
            : `Health was silent for ${formatDuration(longestMs)}, but not with a busy main thread and unread bytes.`,
        value: longestMs,
        threshold: thresholdMs,
      };
    }
    const { process, startMs, endMs, cores } = worst;
    return {
      verdict: 'fail',
      summary: `The ${process.role} process answered no health question for ${formatDuration(endMs - startMs)} from ${formatClock(startMs)} on, while its main thread took ${cores.toFixed(2)} of a core and ${formatBytes(worst.unreadBytes)} waited unread.`,
      value: endMs - startMs,
      threshold: thresholdMs,
      stage: stageAt(stages, startMs)?.name ?? null,
      startedMs: startMs,
      evidence: { holder: process.role, process: process.instance, cores, unreadBytes: worst.unreadBytes },
    };
  },
});

/** The root answers, or workers that are its like: a prefork server has the same name at every process. */
function whoAnswers({ processes }: CpuUse): readonly ProcessCpu[] {
  const roles = new Set(processes.filter(({ isRoot }) => isRoot).map(({ role }) => role));
  return processes.filter(({ role }) => roles.has(role));
}

function wasRefused(rttMs: Series, { startMs, endMs }: Span): boolean {
  return rttMs.tMs.some(
    (tMs, index) =>
      tMs >= startMs + healthTimeoutMs && tMs <= endMs && !Number.isNaN(rttMs.values[index] ?? Number.NaN),
  );
}

function stallIn(span: Span, answerers: readonly ProcessCpu[], unreadBytes: Series): Stall | null {
  const { startMs, endMs } = span;
  let waiting = 0;
  for (const [index, tMs] of unreadBytes.tMs.entries()) {
    const bytes = unreadBytes.values[index] ?? Number.NaN;
    if (tMs >= startMs && tMs <= endMs + socketAgeMs && bytes > 0) {
      waiting = Math.max(waiting, bytes);
    }
  }
  for (const process of answerers) {
    // Its main thread is read every few seconds: in a short stall only the whole process was.
    const cores =
      meanRate(within(process.mainThreadCores, span), startMs, endMs) ?? meanRate(process.cores, startMs, endMs);
    if (waiting > 0 && cores !== null && cores >= busyCores) {
      return { ...span, process, cores, unreadBytes: waiting };
    }
  }
  return null;
}

/** Only intervals that lie wholly inside: one that began before would be diluted by the time before. */
function within(rates: Series, { startMs, endMs }: Span): Series {
  return {
    tMs: rates.tMs,
    values: rates.values.map((value, index) =>
      (rates.tMs[index - 1] ?? 0) >= startMs && (rates.tMs[index] ?? 0) <= endMs ? value : Number.NaN,
    ),
  };
}
