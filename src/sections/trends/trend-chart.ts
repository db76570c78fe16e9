import { formatBytes, formatDuration, formatRate } from '../../base/units.ts';
import type { GateUnit } from '../../model/gate.ts';
import type { Block } from '../../model/section.ts';
import { framed, haloed, type Layer } from '../drawing/frame.ts';
import { type Quantity, scaleFor } from '../drawing/scales.ts';
import type { Trend, TrendNight } from './trend.ts';

const heightPx = 170;
const topPx = 26;
const dayMs = 86_400_000;
/** A pause of so many usual steps is a gap: nights in between were not comparable, or there were none. */
const gapSteps = 3.5;
const mostTicks = 8;
/** What lies closer together is told apart by its time of day, as a first day of calibration. */
const shortMs = 2 * dayMs;
const stepsMs = [1, 2, 5, 10, 15, 30, 60, 120, 180].map((minutes) => minutes * 60_000);
/** Fits every short trend: two days have eight of it. */
const longestStepMs = 6 * 3_600_000;
const quantities: Readonly<Record<GateUnit, Quantity>> = { bytes: 'bytes', ms: 'duration', per_s: 'rate' };

export function trendValue(unit: GateUnit, value: number): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'ms':
      return formatDuration(value);
    case 'per_s':
      return formatRate(value);
  }
}

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
const minuteOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

function spanMs({ nights }: Trend): number {
  return (nights.at(-1)?.atMs ?? 0) - (nights[0]?.atMs ?? 0);
}

function isShort(trend: Trend): boolean {
  const spanned = spanMs(trend);
  return spanned > 0 && spanned < shortMs;
}

interface Ticks {
  values: readonly number[];
  format: string;
}

/** Every so many days from the first night on; of a short trend at round times of the day. */
function ticksOf(trend: Trend, first: number, to: number): Ticks {
  const leastMs = (to - first) / mostTicks;
  const stepMs = isShort(trend)
    ? (stepsMs.find((ms) => leastMs <= ms) ?? longestStepMs)
    : Math.max(1, Math.ceil(leastMs / dayMs)) * dayMs;
  const from = isShort(trend) ? Math.ceil(first / stepMs) * stepMs : first;
  const count = Math.max(0, Math.floor((to - from) / stepMs) + 1);
  return {
    values: Array.from({ length: count }, (_, tick) => from + tick * stepMs),
    format: isShort(trend) ? '%m-%d %H:%M' : '%Y-%m-%d',
  };
}

/** Stretches of nights without a gap. */
function stretches(nights: readonly TrendNight[]): readonly (readonly TrendNight[])[] {
  const steps = nights.slice(1).map(({ atMs }, index) => atMs - (nights[index]?.atMs ?? 0));
  const usualMs = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? dayMs;
  const parts: TrendNight[][] = [];
  for (const night of nights) {
    const before = parts.at(-1)?.at(-1);
    if (before === undefined || night.atMs - before.atMs > usualMs * gapSteps) {
      parts.push([night]);
    } else {
      parts.at(-1)?.push(night);
    }
  }
  return parts;
}

function axes(trend: Trend): { x: Layer; y: Layer; from: number; to: number } {
  const first = trend.nights[0]?.atMs ?? 0;
  const to = isShort(trend) ? first + spanMs(trend) : Math.max(trend.nights.at(-1)?.atMs ?? 0, first + dayMs);
  const from = first - (to - first) * 0.01;
  const ticks = ticksOf(trend, first, to);
  const highest = Math.max(
    ...trend.nights.flatMap(({ values, band }) => [...values, band?.high ?? 0]),
    trend.reference ?? 0,
    drawnLimit(trend) ?? 0,
  );
  const scale = scaleFor(quantities[trend.unit], highest * 1.08);
  return {
    from,
    to: to + (to - first) * 0.01,
    x: {
      field: 'x',
      type: 'quantitative',
      scale: { domain: [from, to + (to - first) * 0.01], nice: false, zero: false },
      axis: {
        values: ticks.values,
        labelExpr: `utcFormat(datum.value, '${ticks.format}')`,
        // A label at the end would be cut at the edge of the picture.
        labelFlush: 40,
        grid: false,
        title: null,
        aria: false,
      },
    },
    y: {
      field: 'y',
      type: 'quantitative',
      scale: { domain: [0, scale.max], nice: false, zero: true },
      axis: { values: scale.ticks, labelExpr: scale.labelExpr, title: null, aria: false },
    },
  };
}

/** A limit that is far above would leave the nights flat: it is told in words. */
function drawnLimit({ limit, nights }: Trend): number | null {
  const highest = Math.max(0, ...nights.flatMap(({ values }) => values));
  return limit !== null && highest >= limit * 0.3 ? limit : null;
}

function level(
  y: number,
  text: string,
  look: { color: string; dash: readonly number[] },
  axis: ReturnType<typeof axes>,
): readonly Layer[] {
  const values = [
    { x: axis.from, y },
    { x: axis.to, y },
  ];
  const encoding = { x: axis.x, y: axis.y };
  return [
    {
      data: { values },
      mark: { type: 'line', aria: false, stroke: look.color, strokeWidth: 1.4, strokeDash: look.dash },
      encoding,
    },
    ...haloed(
      { data: { values: [{ x: axis.from, y, text }] }, encoding: { ...encoding, text: { field: 'text' } } },
      { fill: look.color, align: 'left', dx: 6, dy: -8 },
    ),
  ];
}

function upright(
  at: readonly { atMs: number; text: string }[],
  color: string,
  axis: ReturnType<typeof axes>,
): readonly Layer[] {
  const inside = at.filter(({ atMs }) => atMs >= axis.from && atMs <= axis.to);
  return inside.length === 0
    ? []
    : [
        {
          data: { values: inside.map(({ atMs }) => ({ x: atMs })) },
          mark: { type: 'rule', aria: false, stroke: color, strokeWidth: 1.2, strokeDash: [3, 3] },
          encoding: { x: axis.x },
        },
        ...haloed(
          {
            data: { values: inside.map(({ atMs, text }) => ({ x: atMs, text })) },
            encoding: { x: axis.x, y: { value: -8 }, text: { field: 'text' } },
          },
          { fill: color, align: 'center', fontSize: 11 },
        ),
      ];
}

function layersOf(trend: Trend, hasRepeats: boolean): readonly Layer[] {
  const axis = axes(trend);
  const encoding = { x: axis.x, y: axis.y };
  const parts = stretches(trend.nights);
  const bands = parts.map((part) =>
    part.flatMap(({ atMs, band }) => (band === null ? [] : [{ x: atMs, y: band.high, low: Math.max(0, band.low) }])),
  );
  const dots = (nights: readonly TrendNight[], fill: string): readonly Layer[] =>
    nights.length === 0
      ? []
      : [
          {
            data: { values: nights.flatMap(({ atMs, values }) => values.map((y) => ({ x: atMs, y }))) },
            mark: { type: 'point', aria: false, filled: true, size: 13, opacity: 0.7, fill },
            encoding,
          },
        ];
  const limit = drawnLimit(trend);
  return [
    ...bands
      .filter((band) => band.length > 1)
      .map((values) => ({
        data: { values },
        mark: { type: 'area', aria: false, clip: true, fill: 'var(--band-load)', opacity: 1, line: false },
        encoding: { ...encoding, y2: { field: 'low' } },
      })),
    ...parts.map((part) => ({
      data: { values: part.map(({ atMs, median }) => ({ x: atMs, y: median })) },
      mark: { type: 'line', aria: false, clip: true, stroke: 'var(--accent)', strokeWidth: 1.5, strokeJoin: 'round' },
      encoding,
    })),
    ...(hasRepeats
      ? [
          ...dots(
            trend.nights.filter(({ isAccepted }) => isAccepted),
            'var(--accent)',
          ),
          ...dots(
            trend.nights.filter(({ isAccepted }) => !isAccepted),
            'var(--fail)',
          ),
        ]
      : []),
    ...(trend.reference === null
      ? []
      : level(trend.reference, 'reference', { color: 'var(--ok)', dash: [6, 3] }, axis)),
    ...(limit === null ? [] : level(limit, 'limit', { color: 'var(--fail)', dash: [8, 3] }, axis)),
    ...upright(
      trend.changes.map(({ atMs }) => ({ atMs, text: 'change' })),
      'var(--warn)',
      axis,
    ),
    ...upright(
      trend.resets.map(({ atMs }) => ({ atMs, text: 'accepted' })),
      'var(--muted)',
      axis,
    ),
  ];
}

function caption(trend: Trend): string {
  const last = trend.nights.at(-1);
  const { unit, limit, changes, resets, reference } = trend;
  return [
    last === undefined ? '' : `Last night ${trendValue(unit, last.median)}.`,
    reference === null ? '' : `Reference ${trendValue(unit, reference)}.`,
    limit === null ? '' : `Limit ${trendValue(unit, limit)}${drawnLimit(trend) === null ? ', above this chart' : ''}.`,
    ...changes.map(({ atMs }) => `Another level since ${dayOf(atMs)}.`),
    ...resets.map(({ atMs, reason }) => `Shift accepted from ${dayOf(atMs)} on: ${reason}.`),
  ]
    .filter((text) => text !== '')
    .join(' ');
}

/** `hasRepeats`: every repeat as a dot, and the nights as a table; without them an overview of many nights. */
export function trendChart(trend: Trend, hasRepeats: boolean): Block {
  const span = `${trend.nights.length} nights`;
  return {
    type: 'chart',
    title: hasRepeats ? `${trend.title}, last ${span}` : `${trend.title}, ${span}`,
    caption: caption(trend),
    legend: [
      { label: 'median of the night', color: 'var(--accent)', dashed: false },
      { label: 'where the gate passes', color: 'var(--band-load)', dashed: false },
      ...(hasRepeats
        ? [{ label: 'repeat of a night that was not accepted', color: 'var(--fail)', dashed: false }]
        : []),
    ],
    spec: framed(layersOf(trend, hasRepeats), { heightPx, topPx }),
    table: hasRepeats
      ? {
          type: 'table',
          caption: `${trend.title} of each night`,
          headings: ['night', 'median', 'repeats', 'accepted'],
          rows: trend.nights
            .toReversed()
            .map(({ atMs, median, values, isAccepted }) => [
              isShort(trend) ? minuteOf(atMs) : dayOf(atMs),
              trendValue(trend.unit, median),
              values.map((value) => trendValue(trend.unit, value)).join(', '),
              isAccepted ? 'yes' : 'no',
            ]),
        }
      : null,
    raw: { runId: '', files: [] },
  };
}
