import { median, smallest } from '../base/statistics.ts';
import { formatClock } from '../base/units.ts';
import { restingLevel } from '../computed/held-work.ts';
import { between, maximum } from '../computed/series.ts';
import { lastingMs, longest, meanRate, type Span, spansWhere } from '../computed/spans.ts';
import { firstLoadMs, type QuietWindow, quietWindows, stageAt } from '../computed/stages.ts';
import type { Artifacts, StageWindow } from '../model/artifacts.ts';
import { defineDetector, type Observation } from '../model/detector.ts';
import type { CpuUse, ToldGauge } from '../model/server-gauges.ts';

/** Work that was accepted just before, and the collection of its garbage, may end in peace. */
const settleMs = 5000;
/** Ten times what a health page and timers take. */
const aboveBaseCores = 0.25;
/** A worker that was started for the last of the load still loads its model. */
const loadingMs = 30_000;
const fewestReadings = 3;
const fewestAbandoned = 5;
/** More than default thread pools keep: Python 32, AnyIO 40. */
const aboveBaseThreads = 64;
/** Pools that grow on demand give idle threads back after 10 s (Tokio, AnyIO). */
const threadsRestMs = 30_000;

type Judged = Pick<Artifacts, 'cpu' | 'stages' | 'processes'> & { quiet: readonly QuietWindow[]; scale: number };

export const zombieWork = defineDetector({
  id: 'zombie-work',
  title: 'Work ends with its last answer',
  failureTitle: 'Work goes on after its last answer',
  description:
    'CPU, the work that the server counts, or threads above rest with nothing in flight; work nobody waits for.',
  unit: 'cores',
  remedy:
    'Cancel the work where its client has left or was answered, and keep its permit until it has stopped. A limit on callers does not bound work that outlives them.',
  requires: ['cpu', 'processes', 'stages', 'inFlight', 'gauges', 'records'],
  detect({ cpu, processes, stages, inFlight, gauges, records }, { profile }) {
    const base = { value: null, threshold: aboveBaseCores };
    const abandoned = gauges.abandoned.flatMap((gauge) => abandonedOn(gauge, stages) ?? []);
    if (abandoned[0] !== undefined) {
      return abandoned[0];
    }
    if (records.length === 0) {
      return { ...base, verdict: 'not-applicable', summary: 'None of the requests were recorded.' };
    }
    const spanMs = lastingMs(profile.scale);
    const quiet = quietWindows(stages, inFlight)
      .map((window) => ({ ...window, startMs: window.startMs + Math.min(settleMs * profile.scale, spanMs / 2) }))
      .filter(({ startMs, endMs }) => endMs - startMs >= spanMs);
    if (quiet.length === 0) {
      return {
        ...base,
        verdict: 'not-applicable',
        summary: 'There was no quiet time after load that was long enough.',
      };
    }
    const atRest = restingCores(cpu, stages);
    if (atRest === null) {
      return { ...base, verdict: 'inconclusive', summary: 'The CPU at rest before the load was not measured.' };
    }
    const judged = { cpu, stages, processes, quiet, scale: profile.scale };
    const counted = gauges.work.flatMap((gauge) => countedAtRest(gauge, judged, spanMs) ?? []);
    return (
      counted[0] ??
      busyAtRest(judged, atRest, spanMs) ??
      threadsAtRest(judged) ?? {
        ...base,
        verdict: 'ok',
        summary: `With nothing in flight the target went back to its rest of ${atRest.toFixed(2)} of a core.`,
      }
    );
  },
});

function restingCores({ cores }: CpuUse, stages: readonly StageWindow[]): number | null {
  const loadMs = firstLoadMs(stages) ?? 0;
  const idle = stages.filter(({ kind, startMs }) => kind === 'idle' && startMs < loadMs);
  // The first moments may be the server's own start.
  return median(idle.flatMap(({ startMs, endMs }) => [...between(cores, (startMs + endMs) / 2, endMs).values]));
}

/** Work that is cancelled is counted for a moment, and may be seen at a reading or two. */
function abandonedOn({ name, series }: ToldGauge, stages: readonly StageWindow[]): Observation | null {
  const resting = restingLevel(series, stages);
  const above = spansWhere(series, (value) => value > resting);
  const readings = above.reduce((sum, span) => sum + span.readings, 0);
  return above[0] === undefined || readings < fewestAbandoned
    ? null
    : countedOn({ name, series }, above[0], stages, 'that nobody waits for');
}

/** Work that lasts with nothing in flight. */
function countedAtRest({ name, series }: ToldGauge, { stages, quiet }: Judged, lastsMs: number): Observation | null {
  const resting = restingLevel(series, stages);
  for (const { startMs, endMs } of quiet) {
    const part = between(series, startMs, endMs);
    const span = longest(spansWhere(part, (value) => value > resting));
    if (span !== null && span.readings >= fewestReadings && span.endMs - span.startMs >= lastsMs / 2) {
      return countedOn({ name, series: part }, span, stages, 'with nothing in flight');
    }
  }
  return null;
}

function countedOn({ name, series }: ToldGauge, span: Span, stages: readonly StageWindow[], what: string): Observation {
  const most = maximum(between(series, span.startMs, span.endMs + 1))?.value ?? 0;
  return {
    verdict: 'fail',
    summary: `The server counted up to ${most} pieces of work ${what} (${name}), from ${formatClock(span.startMs)} on.`,
    value: null,
    threshold: aboveBaseCores,
    stage: stageAt(stages, span.startMs)?.name ?? null,
    startedMs: span.startMs,
    evidence: { holder: null, gauge: name, most, readings: span.readings },
  };
}

function busyAtRest(
  { cpu, stages, processes, quiet, scale }: Judged,
  atRest: number,
  spanMs: number,
): Observation | null {
  const loadsMs = Math.max(lastingMs(scale), loadingMs * scale);
  for (const window of quiet) {
    for (let fromMs = window.startMs; fromMs + spanMs <= window.endMs; fromMs += spanMs / 2) {
      const toMs = fromMs + spanMs;
      const cores = meanRate(cpu.cores, fromMs, toMs);
      const isLoading = processes.some(({ firstMs }) => firstMs > fromMs - loadsMs && firstMs <= toMs);
      if (cores !== null && cores > atRest + aboveBaseCores && !isLoading) {
        const holder = busiest(cpu, fromMs, toMs);
        return {
          verdict: 'fail',
          summary: `With nothing in flight ${holder === null ? 'the target' : `the ${holder} process`} kept ${cores.toFixed(2)} of a core busy from ${formatClock(fromMs)} on; before the load it took ${atRest.toFixed(2)}.`,
          value: cores,
          threshold: atRest + aboveBaseCores,
          stage: stageAt(stages, fromMs)?.name ?? null,
          startedMs: fromMs,
          evidence: { holder, cores, coresAtRest: atRest },
        };
      }
    }
  }
  return null;
}

function busiest({ processes }: CpuUse, fromMs: number, toMs: number): string | null {
  const [first] = processes
    .map(({ role, cores }) => ({ role, cores: meanRate(cores, fromMs, toMs) ?? 0 }))
    .toSorted((a, b) => b.cores - a.cores);
  return first === undefined || first.cores === 0 ? null : first.role;
}

/** Idle threads of a pool are no work: only far more than pools keep, long after they would have ended. */
function threadsAtRest({ cpu, stages, quiet, scale }: Judged): Observation | null {
  const loadMs = firstLoadMs(stages) ?? 0;
  for (const { role, threads, instance } of cpu.processes) {
    const before = median(between(threads, 0, loadMs).values);
    for (const { startMs, endMs } of quiet) {
      const after = between(threads, startMs + Math.max(threadsRestMs * scale, 12_000), endMs).values;
      const held = after.filter((value) => !Number.isNaN(value));
      const least = smallest(held) ?? 0;
      if (before !== null && held.length >= fewestReadings && least > before + aboveBaseThreads) {
        return {
          verdict: 'warn',
          summary: `The ${role} process still has ${least} threads with nothing in flight, and had ${before} before the load.`,
          value: null,
          threshold: aboveBaseCores,
          stage: stageAt(stages, startMs)?.name ?? null,
          startedMs: startMs,
          evidence: { holder: role, process: instance, threads: least, threadsBefore: before },
        };
      }
    }
  }
  return null;
}
