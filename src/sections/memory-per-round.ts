import { plainText } from '../base/escape-html.ts';
import { formatBytes } from '../base/units.ts';
import type { RoundLine, RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { type Layer, rawOf } from './drawing/frame.ts';
import { scaleFor } from './drawing/scales.ts';
import { type XyCanvas, xyBand, xyCanvas, xyChart, xyDots, xyLevel, xyLine } from './drawing/xy-chart.ts';
import { deviceMemoryName, formatCount } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';

const heightPx = 190;
const devicePrefix = 'device:';
/** Below this share of the limit its line would leave the floors flat. */
const shareWorthDrawing = 0.5;
/** A crossing further off than this many times the rounds of the run is only told. */
const reachTimes = 2;

interface Placed {
  line: RoundLine;
  /** Number of its first round in the chart: families follow one another. */
  offset: number;
}

function nameOf(result: RunResult, metric: string): string {
  return metric.startsWith(devicePrefix)
    ? `${deviceMemoryName(result)} of ${plainText(metric.slice(devicePrefix.length), 40)}`
    : 'Footprint';
}

function limitOf({ memory }: RunResult, metric: string): number | null {
  return metric.startsWith(devicePrefix)
    ? (memory.devices.find(({ instance }) => `${devicePrefix}${instance}` === metric)?.limitBytes ?? null)
    : memory.limitBytes;
}

function placed(lines: readonly RoundLine[]): readonly Placed[] {
  let offset = 0;
  return lines.map((line) => {
    const at = offset;
    offset += (line.floors.at(-1)?.round ?? 0) + 1;
    return { line, offset: at };
  });
}

/** Rounds after the last one until the line is at the limit; null where it never is. */
function roundsLeft({ fit, floors }: RoundLine, limitBytes: number | null): number | null {
  const last = floors.at(-1)?.round ?? 0;
  return fit === null || limitBytes === null || fit.lowerBytesPerRound <= 0
    ? null
    : Math.max(0, (limitBytes - fit.interceptBytes) / fit.bytesPerRound - last);
}

function sentence(result: RunResult, line: RoundLine): string {
  const { fit, family, floors } = line;
  const name = family === '' ? 'equal loads' : `the loads ${plainText(family, 30)}-N`;
  if (fit === null) {
    return `${formatCount(floors.length)} floors of ${name} are too few for a line.`;
  }
  const slope = `${formatBytes(fit.bytesPerRound)} a round (95 %: ${formatBytes(fit.lowerBytesPerRound)} to ${formatBytes(fit.upperBytesPerRound)})`;
  const left = roundsLeft(line, limitOf(result, line.metric));
  const verdict =
    fit.lowerBytesPerRound <= 0
      ? 'this may as well be no growth'
      : left === null
        ? 'it grows'
        : `at this rate the limit is reached ${formatCount(left)} rounds later`;
  return `After ${name} settled memory changed by ${slope}: ${verdict}.`;
}

function lineLayers({ line, offset }: Placed, canvas: XyCanvas, untilRound: number): readonly Layer[] {
  const { fit, floors } = line;
  const judged = floors.filter(({ isWarmup }) => !isWarmup);
  const first = judged[0]?.round ?? 0;
  const middle = (first + (judged.at(-1)?.round ?? first)) / 2;
  const dots = (all: RoundLine['floors'], look: Layer): Layer =>
    xyDots(
      all.map(({ round, bytes }) => ({ x: offset + round, y: bytes })),
      canvas,
      { size: 46, stroke: 'var(--accent)', strokeWidth: 1.6, ...look },
    );
  const drawn = [
    dots(judged, { filled: true, fill: 'var(--accent)' }),
    dots(
      floors.filter(({ isWarmup }) => isWarmup),
      { filled: false },
    ),
  ];
  if (fit === null) {
    return drawn;
  }
  // The interval is one of the slope, so the band turns about the middle of the rounds.
  const centre = fit.interceptBytes + fit.bytesPerRound * middle;
  const ends = [first, middle, untilRound].map((round) => {
    const sides = [fit.lowerBytesPerRound, fit.upperBytesPerRound].map((slope) => centre + slope * (round - middle));
    return { x: offset + round, y: Math.max(...sides), low: Math.max(0, Math.min(...sides)) };
  });
  return [
    xyBand(ends, canvas, 'var(--band-load)'),
    xyLine(
      [first, untilRound].map((round) => ({ x: offset + round, y: fit.interceptBytes + fit.bytesPerRound * round })),
      canvas,
      { stroke: 'var(--l1-line)', strokeWidth: 1.6 },
    ),
    ...drawn,
  ];
}

function chart(result: RunResult, metric: string, lines: readonly RoundLine[]): Block {
  const families = placed(lines);
  const limitBytes = limitOf(result, metric);
  const highest = Math.max(...lines.flatMap(({ floors }) => floors.map(({ bytes }) => bytes)));
  const isLimitDrawn = limitBytes !== null && highest >= limitBytes * shareWorthDrawing;
  const last = families.at(-1);
  const lastRound = last?.line.floors.at(-1)?.round ?? 0;
  const left = last === undefined || !isLimitDrawn ? null : roundsLeft(last.line, limitBytes);
  const rounds = (last?.offset ?? 0) + lastRound;
  const ahead = left === null || left > rounds * reachTimes ? 0 : left;
  const reach = Math.max(1, rounds + ahead) + 0.5;
  const counts = scaleFor('count', reach);
  const canvas = xyCanvas(
    {
      ...counts,
      ticks: counts.ticks.filter((tick) => Number.isInteger(tick) && tick <= reach),
      from: -0.5,
      max: reach,
      title: 'round',
      isLog: false,
    },
    scaleFor('bytes', isLimitDrawn ? Math.max(limitBytes, highest) * 1.12 : highest * 1.15),
    heightPx,
  );
  const name = nameOf(result, metric);
  return {
    type: 'chart',
    title: `${name} after each round`,
    caption: `${lines.map((line) => sentence(result, line)).join(' ')} An empty dot is the warm-up round, which is not judged.`,
    legend: [
      { label: 'settled after the round', color: 'var(--accent)', dashed: false },
      { label: 'Theil-Sen line and its 95 % interval', color: 'var(--l1-line)', dashed: false },
    ],
    spec: xyChart(
      [
        ...families.flatMap((family) =>
          lineLayers(family, canvas, (family.line.floors.at(-1)?.round ?? 0) + (family === last ? ahead : 0)),
        ),
        ...(isLimitDrawn
          ? xyLevel({ from: -0.5, to: reach, y: limitBytes, text: `limit ${formatBytes(limitBytes)}` }, canvas, {
              color: 'var(--fail)',
              dash: [7, 4],
            })
          : []),
      ],
      canvas,
    ),
    table: {
      type: 'table',
      caption: `${name} after each round`,
      headings: ['stage', 'requests', 'settled at', 'counts'],
      rows: lines.flatMap(({ floors }) =>
        floors.map(({ stage, requests, bytes, isWarmup }) => [
          stage,
          formatCount(requests),
          formatBytes(bytes),
          isWarmup ? 'warm-up, not judged' : 'judged',
        ]),
      ),
    },
    raw: rawOf(result, 'samples'),
  };
}

function blocks(result: RunResult): readonly Block[] {
  const lines = result.roundLines ?? [];
  const metrics = [...new Set(lines.map(({ metric }) => metric))];
  return metrics.length === 0
    ? [{ type: 'paragraph', text: 'No floor between equal loads was measured.' }]
    : metrics.map((metric) =>
        chart(
          result,
          metric,
          lines.filter((line) => line.metric === metric),
        ),
      );
}

export const memoryPerRound: ReportSection = {
  id: 'memory-per-round',
  title: 'Memory that each round leaves',
  render: (results) =>
    results.some(({ roundLines }) => (roundLines ?? []).length > 0) ? eachRun(results, blocks) : [],
};
