import { largest } from '../../base/statistics.ts';
import { formatBytes, formatDuration } from '../../base/units.ts';
import type { RunResult } from '../../model/result.ts';
import type { Block, ReportSection } from '../../model/section.ts';
import { rawOf } from '../drawing/frame.ts';
import { scaleFor } from '../drawing/scales.ts';
import { type XyPoint, xyCanvas, xyChart, xyLevel, xyLine } from '../drawing/xy-chart.ts';
import { type Comparison, changeText, colorOf, ofSide, sidesOf } from './comparison.ts';

const heightPx = 260;
/** A limit that leaves the curves below a fifth of the chart is told in words. */
const shareWorthDrawing = 0.2;
const tableSteps = 20;

/** Over the share of the run, so that runs of another length lie on one axis. */
function pointsOf(run: RunResult): readonly XyPoint[] {
  const series = run.series['footprint'];
  const endMs = Math.max(...run.stages.map((stage) => stage.endMs), series?.tMs.at(-1) ?? 0, 1);
  return (
    series?.tMs.flatMap((tMs, index) => {
      const bytes = series.values[index] ?? null;
      return bytes === null ? [] : [{ x: Math.max(0, tMs / endMs), y: bytes }];
    }) ?? []
  );
}

/** The last value up to a share of the run. */
function valueAt(points: readonly XyPoint[], share: number): number | null {
  return points.findLast(({ x }) => x <= share)?.y ?? null;
}

interface Drawn {
  label: string;
  color: string;
  runs: readonly (readonly XyPoint[])[];
}

function chart(comparison: Comparison): Block {
  const sides = sidesOf(comparison);
  const drawn: Drawn[] = sides.map(({ label, runs }, side) => ({
    label,
    color: colorOf(side),
    runs: runs.map(pointsOf).filter((points) => points.length > 0),
  }));
  const top = largest(drawn.flatMap(({ runs }) => runs.flat().map(({ y }) => y))) ?? 0;
  if (top === 0) {
    return { type: 'paragraph', text: 'Memory of neither side was observed, so there is nothing to draw.' };
  }
  const limits = [...new Set(sides.flatMap((side) => ofSide(side, ({ memory }) => memory.limitBytes) ?? []))];
  const shown = limits.filter((bytes) => top >= bytes * shareWorthDrawing);
  const share = { ...scaleFor('share', 1), max: 1, from: 0, title: 'share of the run', isLog: false };
  const canvas = xyCanvas(
    share,
    scaleFor('bytes', Math.max(top * 1.08, ...shown.map((bytes) => bytes * 1.1))),
    heightPx,
  );
  const lengths = sides.map((side) => `${side.label} took ${formatDuration(lengthMs(side.runs[0]))}`);
  const far = limits.filter((bytes) => !shown.includes(bytes)).map(formatBytes);
  return {
    type: 'chart',
    title: 'Footprint over the share of the run',
    caption: `${lengths.join('; ')}.${far.length === 0 ? '' : ` The limit, ${far.join(' and ')}, lies above this chart.`}`,
    legend: drawn.map(({ label, color }) => ({ label, color, dashed: false })),
    spec: xyChart(
      [
        ...shown.flatMap((bytes) =>
          xyLevel({ from: 0, to: 1, y: bytes, text: `limit ${formatBytes(bytes)}` }, canvas, {
            color: 'var(--fail)',
            dash: [6, 3],
          }),
        ),
        ...drawn.flatMap(({ runs, color }) =>
          runs.map((points) => xyLine(points, canvas, { stroke: color, strokeWidth: 1.6, strokeJoin: 'round' })),
        ),
      ],
      canvas,
    ),
    table: {
      type: 'table',
      caption: 'Footprint by share of the run; of several runs the first',
      headings: ['share of the run', ...drawn.map(({ label }) => label)],
      rows: Array.from({ length: tableSteps + 1 }, (_, step) => [
        `${Math.round((step / tableSteps) * 100)} %`,
        ...drawn.map(({ runs }) => formatBytes(valueAt(runs[0] ?? [], step / tableSteps))),
      ]),
    },
    raw: rawOf(comparison.base.runs[0], 'samples'),
  };
}

function lengthMs(run: RunResult): number {
  return Math.max(0, ...run.stages.map((stage) => stage.endMs));
}

export function memoryOfBoth(comparison: Comparison): ReportSection {
  return { id: 'memory-over-time', title: 'Memory over time', render: () => [chart(comparison)] };
}

export function partsOfBoth(comparison: Comparison): ReportSection {
  const sides = sidesOf(comparison);
  const names = [
    ...new Set(sides.flatMap(({ runs }) => runs.flatMap(({ memory }) => memory.parts.map(({ part }) => part)))),
  ];
  const peak = (part: string) => (run: RunResult) =>
    run.memory.parts.find((one) => one.part === part)?.peakBytes ?? null;
  const rows = names.map((part) => {
    const values = sides.map((side) => ofSide(side, peak(part)));
    return [
      part,
      ...values.map((bytes) => (bytes === null ? '–' : formatBytes(bytes))),
      ...values.slice(1).map((bytes) => changeText(values[0] ?? null, bytes)),
    ];
  });
  const headings = [
    'part',
    ...sides.map(({ label }) => label),
    ...comparison.candidates.map(({ label }) => `change, ${label}`),
  ];
  return {
    id: 'memory-parts',
    title: 'Where the memory lay',
    render: () =>
      rows.length === 0
        ? []
        : [{ type: 'table', caption: 'Highest level of each part; – where it was not read', headings, rows }],
  };
}
