import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The script that lets charts be zoomed. With `href` a site keeps one copy for all of its pages; null: inlined. */
export interface ChartRuntime {
  script: string;
  href: string | null;
}

/** What `npm run build` made beside the compiled phases; null where there is no build: pages are then pictures only. */
export function readChartRuntime(): ChartRuntime | null {
  const path = fileURLToPath(new URL('../../assets/chart-runtime.js', import.meta.url));
  return existsSync(path) ? { script: readFileSync(path, 'utf8'), href: null } : null;
}

function digestOf({ script }: ChartRuntime): string {
  return `sha256-${createHash('sha256').update(script).digest('base64')}`;
}

/** Nothing is loaded, and no script runs but the one whose digest is named. */
export function contentPolicy(runtime: ChartRuntime | null): string {
  const scripts =
    runtime === null ? '' : ` script-src '${digestOf(runtime)}'${runtime.href === null ? '' : " 'self'"};`;
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline';${scripts} base-uri 'none'; form-action 'none'`;
}

/** The last element of the page, so that it finds all charts. */
export function runtimeHtml(runtime: ChartRuntime | null): string {
  if (runtime === null) {
    return '';
  }
  return runtime.href === null
    ? `<script>${runtime.script}</script>\n`
    : `<script src="${encodeURI(runtime.href)}" integrity="${digestOf(runtime)}"></script>\n`;
}

const leastPacked = 8;

/**
 * Rows of equal keys as columns: a third of the bytes less. The script of the page makes rows of `columns` again;
 * a column that is a text is the same as the one of that name before (`0.t`: column `t` of the first data set).
 */
function packed(spec: { data?: readonly { values?: unknown }[] }): object {
  const known = new Map<string, string>();
  const data = spec.data?.map(({ values, ...rest }, set) => {
    const rows = Array.isArray(values) ? (values as readonly Record<string, unknown>[]) : [];
    const keys = Object.keys(rows[0] ?? {});
    const isEven = rows.every((row) => Object.keys(row).join() === keys.join());
    if (rows.length < leastPacked || !isEven) {
      return values === undefined ? rest : { ...rest, values };
    }
    const columns = keys.map((key) => {
      const column = JSON.stringify(rows.map((row) => row[key]));
      const same = known.get(column);
      known.set(column, same ?? `${set}.${key}`);
      return [key, same ?? (JSON.parse(column) as unknown)] as const;
    });
    return { ...rest, columns: Object.fromEntries(columns) };
  });
  return data === undefined ? spec : { ...spec, data };
}

/** JSON inside a script element: neither a tag nor a line end of JavaScript can come out of it. */
export function specHtml(spec: object): string {
  const json = JSON.stringify(packed(spec))
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `<script type="application/json">${json}</script>`;
}
