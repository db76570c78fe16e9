import type { Series } from '../model/artifacts.ts';

/** Readings in a row for which something held. */
export interface Span {
  /** Times of its first and last reading. */
  startMs: number;
  endMs: number;
  readings: number;
}

/** All spans in which `holds`, in their order. A gap (NaN) neither ends a span nor belongs to one. */
export function spansWhere(series: Series, holds: (value: number, tMs: number) => boolean): readonly Span[] {
  const spans: Span[] = [];
  let open: Span | null = null;
  for (const [index, value] of series.values.entries()) {
    const tMs = series.tMs[index] ?? 0;
    if (Number.isNaN(value)) {
      continue;
    }
    if (!holds(value, tMs)) {
      open = null;
    } else if (open === null) {
      open = { startMs: tMs, endMs: tMs, readings: 1 };
      spans.push(open);
    } else {
      open.endMs = tMs;
      open.readings += 1;
    }
  }
  return spans;
}

export function longest(spans: readonly Span[]): Span | null {
  return spans.reduce<Span | null>(
    (best, span) => (best === null || span.endMs - span.startMs > best.endMs - best.startMs ? span : best),
    null,
  );
}

/**
 * Mean of rates that each cover the time since the reading before, weighted by how much of it lies in the window.
 * null if less than half of the window was covered.
 */
export function meanRate(rates: Series, fromMs: number, toMs: number): number | null {
  let sum = 0;
  let coveredMs = 0;
  for (let index = 1; index < rates.tMs.length; index += 1) {
    const value = rates.values[index] ?? Number.NaN;
    const spanMs = Math.min(toMs, rates.tMs[index] ?? 0) - Math.max(fromMs, rates.tMs[index - 1] ?? 0);
    if (!Number.isNaN(value) && spanMs > 0) {
      sum += value * spanMs;
      coveredMs += spanMs;
    }
  }
  return toMs > fromMs && coveredMs * 2 >= toMs - fromMs ? sum / coveredMs : null;
}

/** Ten seconds of a profile at its full length; a shortened run still needs three real ones. */
export function lastingMs(scale: number): number {
  return Math.max(3000, 10_000 * scale);
}
