import type { RunResult } from '../../model/result.ts';

export type Layer = Readonly<Record<string, unknown>>;

/** Inner width of every chart of a page, so that all share one axis of time. */
export const plotWidthPx = 960;
const padding = { left: 66, right: 14, bottom: 26 };
/** A title below the axis. */
const titlePx = 20;

/** A whole spec. Fixed padding keeps the plots of a page in one column. */
export function framed(
  layers: readonly Layer[],
  frame: { heightPx: number; topPx: number; hasTitle?: boolean; params?: readonly Layer[] },
): object {
  return {
    width: plotWidthPx,
    height: frame.heightPx,
    padding: { ...padding, bottom: padding.bottom + (frame.hasTitle === true ? titlePx : 0), top: frame.topPx },
    autosize: { type: 'none' },
    background: 'transparent',
    ...(frame.params === undefined ? {} : { params: frame.params }),
    data: { values: [] },
    layer: layers,
    config: {
      font: 'system-ui, sans-serif',
      view: { stroke: null },
      axis: {
        domain: false,
        ticks: false,
        labelFontSize: 11.5,
        labelColor: 'var(--muted)',
        labelPadding: 6,
        titleFontSize: 11.5,
        titleFontWeight: 'normal',
        titleColor: 'var(--muted)',
        gridColor: 'var(--line)',
        gridOpacity: 1,
      },
    },
  };
}

/** Text with a halo in the page's colour, so that it can be read on any area. */
export function haloed(
  of: { data: Layer; encoding: Layer; transform?: readonly Layer[] },
  mark: Layer,
): readonly Layer[] {
  const text = { type: 'text', aria: false, fontSize: 12, ...mark };
  return [
    { ...of, mark: { ...text, stroke: 'var(--page)', strokeWidth: 3.5, strokeJoin: 'round' } },
    { ...of, mark: text },
  ];
}

/** The names under which the run keeps files of raw data, of those that begin so; they may be compressed. */
export function rawOf(result: RunResult, ...names: readonly string[]): { runId: string; files: readonly string[] } {
  const files = Object.keys(result.sources).filter((file) => names.some((name) => file.startsWith(name)));
  return { runId: result.runId, files };
}
