import { plainText } from '../base/escape-html.ts';
import { formatBytes } from '../base/units.ts';
import { projectedBytes, unboundedUpTo, usableRatio, whyAtLeast } from '../computed/capacity.ts';
import type { MemoryAgainstLoad, RunResult } from '../model/result.ts';
import type { Block, ReportSection, TableBlock } from '../model/section.ts';
import { type Layer, rawOf } from './drawing/frame.ts';
import { scaleFor } from './drawing/scales.ts';
import { type XyCanvas, xyBand, xyCanvas, xyChart, xyDots, xyLabels, xyLevel, xyLine } from './drawing/xy-chart.ts';
import { formatCount } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';
import { upperFirst } from './wording/sentences.ts';

const heightPx = 230;
/** A safe concurrency further out than this would press what was measured into a corner. */
const reachTimes = 3;
/** Below this share of the limit its line would leave the points flat. */
const shareWorthDrawing = 0.2;

function answer(result: RunResult): string {
  const { capacity, capacityUnknown } = result;
  if (capacity === null) {
    return `How many at once are safe is not known: ${capacityUnknown ?? 'no reason was given'}.`;
  }
  const { safeConcurrency, askedConcurrency, bytesPerInFlight, limitBytes, confidence, confidenceWhy, basis } =
    capacity;
  const trust = ` Confidence ${confidence}: ${confidenceWhy}. Of ${basis}.`;
  if (safeConcurrency === null) {
    const upTo = unboundedUpTo(capacity);
    const reach = upTo === null ? '' : ` up to ${formatCount(upTo)} at once; nothing above was measured`;
    return `Memory did not grow with what was in flight, so it sets no bound${reach}.${trust}`;
  }
  const why = whyAtLeast(capacity);
  const safe = `${formatCount(safeConcurrency)} at once are safe under ${formatBytes(limitBytes)}: each request in flight takes ${formatBytes(bytesPerInFlight)}.`;
  return `${why === null ? safe : `At least ${safe} ${upperFirst(why)}.`} The run asked for ${formatCount(askedConcurrency)}.${trust}`;
}

function table({ points }: MemoryAgainstLoad): TableBlock {
  return {
    type: 'table',
    caption: 'Levels of load, each higher than all before it',
    headings: ['stage', 'in flight', 'highest footprint', 'remark'],
    rows: points.map(({ stage, inFlight, peakBytes, isCut }) => [
      stage,
      inFlight.toFixed(1),
      formatBytes(peakBytes),
      isCut ? 'memory ended this level: it needs at least so much' : 'measured whole',
    ]),
  };
}

function fitLayers({ fit, baseBytes }: MemoryAgainstLoad, canvas: XyCanvas, reach: number): readonly Layer[] {
  if (fit === null) {
    return [];
  }
  const at = (slope: number, x: number): number => Math.max(0, baseBytes + slope * x);
  const ends = [0, reach];
  return [
    xyBand(
      ends.map((x) => ({ x, y: at(fit.upperBytesPerInFlight, x), low: at(fit.lowerBytesPerInFlight, x) })),
      canvas,
      'var(--band-load)',
    ),
    xyLine(
      ends.map((x) => ({ x, y: at(fit.bytesPerInFlight, x) })),
      canvas,
      { stroke: 'var(--accent)', strokeWidth: 1.6 },
    ),
  ];
}

/** Where the bound of the safe concurrency stands, as an upright line with its words. */
function safeLayers(
  { safe, isAtLeast }: { safe: number; isAtLeast: boolean },
  canvas: XyCanvas,
  reach: number,
  top: number,
): readonly Layer[] {
  const isRight = safe > reach * 0.7;
  return [
    xyLine(
      [
        { x: safe, y: 0 },
        { x: safe, y: top },
      ],
      canvas,
      { stroke: 'var(--ink)', strokeWidth: 1.2, strokeDash: [3, 3] },
    ),
    ...xyLabels(
      [{ x: safe, y: top * 0.06, text: `safe: ${isAtLeast ? 'at least ' : ''}${formatCount(safe)} at once` }],
      canvas,
      {
        fill: 'var(--ink)',
        fontWeight: 600,
        align: isRight ? 'right' : 'left',
        dx: isRight ? -6 : 6,
      },
    ),
  ];
}

function pointLayers({ points, baseBytes }: MemoryAgainstLoad, canvas: XyCanvas, reach: number): readonly Layer[] {
  const names = points.length > 12 ? [] : points;
  return [
    xyDots([{ x: 0, y: baseBytes }], canvas, { filled: false, size: 46, stroke: 'var(--accent)', strokeWidth: 1.6 }),
    xyDots(
      points.filter(({ isCut }) => !isCut).map(({ inFlight, peakBytes }) => ({ x: inFlight, y: peakBytes })),
      canvas,
      { filled: true, size: 46, fill: 'var(--accent)' },
    ),
    xyDots(
      points.filter(({ isCut }) => isCut).map(({ inFlight, peakBytes }) => ({ x: inFlight, y: peakBytes })),
      canvas,
      { filled: false, shape: 'triangle-up', size: 70, stroke: 'var(--fail)', strokeWidth: 1.8 },
    ),
    ...(['left', 'right'] as const).flatMap((align) =>
      xyLabels(
        names
          .filter(({ inFlight }) => (inFlight > reach * 0.75 ? 'right' : 'left') === align)
          .map(({ stage, inFlight, peakBytes }) => ({ x: inFlight, y: peakBytes, text: plainText(stage, 24) })),
        canvas,
        { fill: 'var(--muted)', align, dx: align === 'left' ? 7 : -7, dy: 13, fontSize: 11.5 },
      ),
    ),
  ];
}

function chart(result: RunResult, measured: MemoryAgainstLoad): Block {
  const { capacity } = result;
  const highestX = Math.max(1, ...measured.points.map(({ inFlight }) => inFlight));
  const safe = capacity?.safeConcurrency ?? null;
  const isSafeDrawn = safe !== null && safe <= highestX * reachTimes;
  const reach = Math.max(highestX, isSafeDrawn ? safe : 0) * 1.08;
  const projected =
    measured.fit === null
      ? 0
      : projectedBytes({ baseBytes: measured.baseBytes, bytesPerInFlight: measured.fit.bytesPerInFlight }, reach);
  const top = Math.max(measured.baseBytes, projected, ...measured.points.map(({ peakBytes }) => peakBytes));
  const limitBytes = capacity?.limitBytes ?? result.memory.limitBytes;
  const isLimitDrawn = limitBytes !== null && top >= limitBytes * shareWorthDrawing;
  const scale = scaleFor('bytes', isLimitDrawn ? Math.max(limitBytes * 1.12, top * 1.05) : top * 1.15);
  const canvas = xyCanvas(
    { ...scaleFor('count', reach), from: 0, max: reach, title: 'requests in flight', isLog: false },
    scale,
    heightPx,
  );
  const limits = isLimitDrawn
    ? [
        ...xyLevel({ from: 0, to: reach, y: limitBytes, text: `limit ${formatBytes(limitBytes)}` }, canvas, {
          color: 'var(--fail)',
          dash: [7, 4],
        }),
        ...xyLevel({ from: 0, to: reach, y: limitBytes * usableRatio, text: '90 %, usable' }, canvas, {
          color: 'var(--warn)',
          dash: [2, 4],
          isNameBelow: true,
        }),
      ]
    : [];
  const far =
    safe !== null && !isSafeDrawn ? ` That lies beyond this chart: at most ${highestX.toFixed(1)} were measured.` : '';
  return {
    type: 'chart',
    title: 'Highest footprint against requests in flight',
    caption: `${answer(result)}${far}`,
    legend: [
      { label: 'measured level (dot)', color: 'var(--accent)', dashed: false },
      ...(measured.fit === null
        ? []
        : [{ label: 'fitted line, with its interval as a band', color: 'var(--accent)', dashed: false }]),
      ...(measured.points.some(({ isCut }) => isCut)
        ? [{ label: 'level that memory ended (triangle)', color: 'var(--fail)', dashed: false }]
        : []),
    ],
    spec: xyChart(
      [
        ...fitLayers(measured, canvas, reach),
        ...limits,
        ...(isSafeDrawn ? safeLayers({ safe, isAtLeast: capacity?.isAtLeast === true }, canvas, reach, scale.max) : []),
        ...pointLayers(measured, canvas, reach),
      ],
      canvas,
    ),
    table: table(measured),
    raw: rawOf(result, 'requests', 'samples'),
  };
}

function arithmetic({ capacity }: RunResult): readonly Block[] {
  return capacity === null || capacity.arithmetic.length === 0
    ? []
    : [
        {
          type: 'table',
          isFolded: true,
          caption: 'How the number came about',
          headings: ['step', 'arithmetic'],
          rows: capacity.arithmetic.map((line, index) => [`${index + 1}`, upperFirst(line)]),
        },
      ];
}

function blocks(result: RunResult): readonly Block[] {
  const measured = result.memoryAgainstLoad ?? null;
  return measured === null
    ? [{ type: 'paragraph', text: answer(result) }]
    : [chart(result, measured), ...arithmetic(result)];
}

export const memoryAgainstLoad: ReportSection = {
  id: 'memory-against-load',
  title: 'Memory against load',
  render: (results) => eachRun(results, blocks),
};
