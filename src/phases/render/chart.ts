import { escapeHtml } from '../../base/escape-html.ts';
import { zoomParameters } from '../../model/section.ts';

/** An SVG element, and the compiled Vega spec by which a page can draw it again; null: it cannot be zoomed. */
export interface DrawnChart {
  svg: string;
  spec: object | null;
}

/** Draws one Vega-Lite spec; `id` is unique in its page. */
export type DrawChart = (spec: object, text: { id: string; title: string; description: string }) => Promise<DrawnChart>;

/** Vega numbers clip paths per process, so a page resets it once: the same results give the same bytes. */
export async function openChartDrawing(): Promise<DrawChart> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  vega.resetSVGDefIds();
  return async (spec, { id, title, description }) => {
    const warnings: string[] = [];
    const logger = quietLogger(warnings);
    const compiled = vegaLite.compile(spec as Parameters<typeof vegaLite.compile>[0], { logger });
    if (warnings.length > 0) {
      throw new Error(`The chart "${title}" is drawn otherwise than its section asks: ${warnings.join('; ')}`);
    }
    const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logger });
    const svg = await view.toSVG();
    view.finalize();
    const isZoomable = compiled.spec.signals?.some(({ name }) => name === zoomParameters.from) === true;
    return {
      svg: ownIds(accessible(svg, { id, title, description }), id),
      spec: isZoomable ? compiled.spec : null,
    };
  };
}

/** What the page draws anew numbers its clip paths from 0 again: those of a picture carry the chart's name. */
function ownIds(svg: string, id: string): string {
  return svg.replace(/( id="|url\(#)(clip\d+)/g, `$1${id}-$2`);
}

interface QuietLogger {
  level(): number;
  level(value: number): QuietLogger;
  error(...text: readonly unknown[]): QuietLogger;
  warn(...text: readonly unknown[]): QuietLogger;
  info(): QuietLogger;
  debug(): QuietLogger;
}

function quietLogger(warnings: string[]): QuietLogger {
  const note = (...text: readonly unknown[]): QuietLogger => {
    warnings.push(text.map(String).join(' '));
    return logger;
  };
  const ignore = (): QuietLogger => logger;
  function level(): number;
  function level(value: number): QuietLogger;
  function level(value?: number): number | QuietLogger {
    return value === undefined ? 0 : logger;
  }
  const logger: QuietLogger = { level, error: note, warn: note, info: ignore, debug: ignore };
  return logger;
}

/** Inline SVG needs no namespaces, but a name and a description, which Vega's root lacks. */
function accessible(
  svg: string,
  { id, title, description }: { id: string; title: string; description: string },
): string {
  const size = /width="([\d.]+)" height="([\d.]+)"/.exec(svg);
  const body = svg.slice(svg.indexOf('>') + 1);
  const box = `width="${size?.[1] ?? '0'}" height="${size?.[2] ?? '0'}" viewBox="0 0 ${size?.[1] ?? '0'} ${size?.[2] ?? '0'}"`;
  const names = `<title id="${id}-title">${escapeHtml(title)}</title><desc id="${id}-desc">${escapeHtml(description)}</desc>`;
  return `<svg ${box} role="img" aria-labelledby="${id}-title ${id}-desc">${names}${shortened(body)}`;
}

// A tenth of a pixel is finer than any screen, and what Vega calls its groups says nothing to a reader.
function shortened(body: string): string {
  return body.replace(/<[^>]*>/g, (tag) =>
    tag
      .replace(/ (?:class|role|aria-roledescription|pointer-events)="[^"]*"/g, '')
      .replace(/ (?:d|transform)="[^"]*"/g, (drawn) =>
        drawn.replace(/\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1)))),
      ),
  );
}
