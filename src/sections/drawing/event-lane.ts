import { plainText } from '../../base/escape-html.ts';
import { formatClock } from '../../base/units.ts';
import type { RunResult } from '../../model/result.ts';
import { haloed, type Layer, plotWidthPx } from './frame.ts';
import { type Canvas, inView } from './time-chart.ts';

/** In the order of their weight. */
const eventWords: Readonly<Record<string, string>> = {
  oom_kill: 'OOM kill',
  device_error: 'device error',
  target_gone: 'target gone',
  restart: 'restart',
  guard_stop: 'guard stops the load',
  guard_would_stop: 'guard would stop the load',
  guard_end: 'guard ends the run',
  process_gone: 'process gone',
};
const weights = Object.keys(eventWords);
/** Processes that come and go by design: a line, but not a loud one. */
const quiet: ReadonlySet<string> = new Set(['process_gone']);
const maxRows = 4;
const rowPx = 15;
const boldCharacterPx = 7.6;
/** Equal events nearer than this share of the axis would be one line to the eye. */
const mergedShare = 0.02;
const gapPx = 6;

interface Mark {
  t: number;
  kind: string;
  subject: string;
  times: number;
}

interface PlacedName {
  t: number;
  y: number;
  text: string;
  isLeft: boolean;
}

/** Equal ones within a second, or what looks like one, are one. */
function marksOf(result: RunResult, endS: number): readonly Mark[] {
  const nearS = Math.max(1, endS * mergedShare);
  const marks: Mark[] = [];
  for (const event of result.events) {
    if (eventWords[event.kind] === undefined || (event.kind === 'oom_kill' && event.subject === 'host')) {
      continue;
    }
    const t = event.tMs / 1000;
    const same = marks.findLast((mark) => mark.kind === event.kind && Math.abs(mark.t - t) < nearS);
    if (same === undefined) {
      marks.push({ t, kind: event.kind, subject: plainText(event.subject, 28), times: 1 });
    } else {
      same.times += 1;
    }
  }
  return marks;
}

function textOf({ t, kind, subject, times }: Mark): string {
  const what = `${times > 1 ? `${times} × ` : ''}${eventWords[kind] ?? kind}`;
  const who = times > 1 || kind.startsWith('guard') || subject === '' ? '' : ` ${subject}`;
  return `${what}${who} ${formatClock(t * 1000)}`;
}

/** The heaviest first, each in the first row where nothing stands yet; what fits nowhere is only a line. */
function place(marks: readonly Mark[], endS: number): readonly PlacedName[] {
  const rows: { fromPx: number; toPx: number }[][] = Array.from({ length: maxRows }, () => []);
  return marks
    .toSorted((a, b) => weights.indexOf(a.kind) - weights.indexOf(b.kind) || a.t - b.t)
    .flatMap((mark): PlacedName[] => {
      const text = textOf(mark);
      const widthPx = text.length * boldCharacterPx + gapPx;
      const atPx = (mark.t / endS) * plotWidthPx;
      const isLeft = atPx + widthPx > plotWidthPx;
      const [fromPx, toPx] = isLeft ? [atPx - widthPx, atPx] : [atPx, atPx + widthPx];
      const row = rows.findIndex((taken) =>
        taken.every((other) => toPx + gapPx < other.fromPx || fromPx - gapPx > other.toPx),
      );
      rows[row]?.push({ fromPx, toPx });
      return row === -1 || fromPx < 0 ? [] : [{ t: mark.t, y: -5 - row * rowPx, text, isLeft }];
    });
}

/** Kills, restarts and stops as upright lines; their names stand in rows above the plot, never over its curves. */
export function eventLane(result: RunResult, drawing: Canvas): { layers: readonly Layer[]; abovePx: number } {
  const marks = marksOf(result, drawing.endS);
  if (marks.length === 0) {
    return { layers: [], abovePx: 0 };
  }
  const names = place(marks, drawing.endS);
  const rule = (values: readonly object[], look: Layer): readonly Layer[] =>
    values.length === 0
      ? []
      : [
          {
            data: { values },
            transform: [inView],
            mark: { type: 'rule', aria: false, ...look },
            encoding: {
              x: drawing.x,
              y: { field: 'y', type: 'quantitative', scale: null, axis: null },
              y2: { value: drawing.heightPx },
            },
          },
        ];
  const topOf = ({ t, kind }: Mark): { t: number; y: number } => ({
    t,
    y: names.find((name) => name.t === t && name.text.includes(eventWords[kind] ?? kind))?.y ?? 0,
  });
  const text = (isLeft: boolean): readonly Layer[] => {
    const values = names.filter((name) => name.isLeft === isLeft);
    return values.length === 0
      ? []
      : haloed(
          {
            data: { values },
            transform: [inView],
            encoding: {
              x: drawing.x,
              y: { field: 'y', type: 'quantitative', scale: null, axis: null },
              text: { field: 'text' },
            },
          },
          {
            fill: 'var(--ink)',
            fontWeight: 600,
            baseline: 'alphabetic',
            align: isLeft ? 'right' : 'left',
            dx: isLeft ? -gapPx + 1 : gapPx - 1,
          },
        );
  };
  const loud = marks.filter(({ kind }) => !quiet.has(kind));
  const others = marks.filter(({ kind }) => quiet.has(kind));
  const lowest = names.reduce((least, { y }) => Math.min(least, y), 0);
  return {
    layers: [
      ...rule(others.map(topOf), { stroke: 'var(--muted)', strokeWidth: 0.7, strokeDash: [2, 2] }),
      ...rule(loud.map(topOf), { stroke: 'var(--ink)', strokeWidth: 1.2 }),
      ...text(false),
      ...text(true),
    ],
    abovePx: names.length === 0 ? 0 : rowPx - lowest - 5 + 4,
  };
}
