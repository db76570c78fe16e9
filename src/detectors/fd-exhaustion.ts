import { theilSen } from '../base/statistics.ts';
import { formatClock, formatDuration, formatShare } from '../base/units.ts';
import { between, maximum, risesOf } from '../computed/series.ts';
import { firstLoadMs, stageAt } from '../computed/stages.ts';
import type { Series } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';
import type { Descriptors, ToldGauge } from '../model/server-gauges.ts';

const thresholdRatio = 0.9;
/** Below it a slope of readings every 5 s says nothing. */
const fewestForSlope = 6;
const minuteMs = 60_000;

export const fdExhaustion = defineDetector({
  id: 'fd-exhaustion',
  title: 'Descriptors are left to every process',
  failureTitle: 'A process runs out of file descriptors',
  description:
    'Open descriptors of each process against its own soft limit, and refusals that the server counts (EMFILE).',
  unit: 'ratio',
  remedy:
    'Raise the soft limit of open files (ulimit -n 65536, or LimitNOFILE=65536 of its unit), and close what is no longer used.',
  requires: ['descriptors', 'gauges', 'stages'],
  detect({ descriptors, gauges, stages }) {
    const base = { value: null, threshold: thresholdRatio };
    const loadMs = firstLoadMs(stages) ?? 0;
    const refused = gauges.descriptorRefusals.find((gauge) => refusals(gauge, loadMs) > 0);
    const fullest = descriptors
      .flatMap((process) => {
        const top = maximum(process.open);
        return top === null || process.softLimit === null
          ? []
          : [{ process, top, limit: process.softLimit, ratio: top.value / process.softLimit }];
      })
      .toSorted((a, b) => b.ratio - a.ratio)[0];
    if (fullest === undefined && refused === undefined) {
      return { ...base, verdict: 'inconclusive', summary: 'No process told both its open files and their limit.' };
    }
    const evidence = {
      holder: fullest?.process.role ?? null,
      process: fullest?.process.instance ?? null,
      open: fullest?.top.value ?? null,
      softLimit: fullest?.limit ?? null,
      refusals: refused === undefined ? 0 : refusals(refused, loadMs),
    };
    const level =
      fullest === undefined
        ? 'How many are open could not be read'
        : `The ${fullest.process.role} process had up to ${fullest.top.value} of ${fullest.limit} descriptors open (${formatShare(fullest.ratio)})`;
    const finding = { value: fullest?.ratio ?? null, threshold: thresholdRatio, evidence };
    const startedMs = firstAbove(fullest) ?? refused?.series.tMs[0] ?? null;
    if (refused === undefined && (fullest === undefined || fullest.ratio <= thresholdRatio)) {
      return { ...finding, verdict: 'ok', summary: `${level}.` };
    }
    const told = refused === undefined ? '' : `; the system refused it ${evidence.refusals} descriptors (EMFILE)`;
    return {
      ...finding,
      verdict: 'fail',
      summary: `${level}${fullest === undefined ? '' : wayOf(fullest.process, fullest.limit, loadMs)}${told}.`,
      stage: startedMs === null ? null : (stageAt(stages, startedMs)?.name ?? null),
      startedMs,
    };
  },
});

function firstAbove(fullest: { process: Descriptors; limit: number } | undefined): number | null {
  const open = fullest?.process.open;
  const index = open?.values.findIndex((value) => value > thresholdRatio * (fullest?.limit ?? 0)) ?? -1;
  return index < 0 ? null : (open?.tMs[index] ?? null);
}

/** Whether it stands or still climbs: a pool that is too large for its limit, or a leak. */
function wayOf({ open }: Descriptors, limit: number, loadMs: number): string {
  const lastMs = open.tMs.at(-1) ?? 0;
  const half: Series = between(open, Math.max(loadMs, (loadMs + lastMs) / 2), lastMs + 1);
  const fit = half.values.length < fewestForSlope ? null : theilSen(half.tMs, half.values);
  if (fit === null) {
    return '';
  }
  const last = open.values.findLast((value) => !Number.isNaN(value)) ?? 0;
  // Less than one descriptor in the time that was watched is no slope.
  if (fit.lowerSlope * (lastMs - (half.tMs[0] ?? 0)) < 1) {
    return ', a plateau';
  }
  const leftMs = Math.max(0, limit - last) / fit.slope;
  return `, and ${(fit.slope * minuteMs).toFixed(1)} more each minute: the limit is ${formatDuration(leftMs)} from ${formatClock(lastMs)} away`;
}

/** Of this run: a counter that first shows itself under load began at none. */
function refusals({ series }: ToldGauge, loadMs: number): number {
  const risen = risesOf(series).reduce((sum, { rise }) => sum + rise, 0);
  const first = series.values.findIndex((value) => !Number.isNaN(value));
  return risen + (first >= 0 && (series.tMs[first] ?? 0) > loadMs ? (series.values[first] ?? 0) : 0);
}
