const space = 32;
const tab = 9;
const carriageReturn = 13;
const quote = 34;
const backslash = 92;
const closingBrace = 125;

export interface ParsedPage {
  /** By `name{labels}`; null for a value that is no finite number. */
  values: ReadonlyMap<string, number | null>;
  /** Series beyond the most that are kept. */
  leftOut: number;
}

/**
 * Counters and gauges of the Prometheus text format (version 0.0.4) whose names begin as allowed. Histograms and
 * summaries are left out. Each line is walked once, so that no page can make it slow.
 */
export function parsePrometheusText(
  text: string,
  options: { allowedPrefixes: readonly string[]; mostSeries: number },
): ParsedPage {
  const distributions = new Set<string>();
  const values = new Map<string, number | null>();
  let leftOut = 0;
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd < 0 ? text.length : lineEnd;
    if (text.startsWith('# TYPE ', start)) {
      const [, , name = '', type = ''] = text.slice(start, end).trim().split(' ');
      if (type === 'histogram' || type === 'summary' || type === 'gaugehistogram') {
        distributions.add(name);
      }
    } else if (options.allowedPrefixes.some((prefix) => text.startsWith(prefix, start))) {
      const found = seriesIn(text, start, end);
      if (found !== null && !isOfDistribution(found.name, distributions)) {
        if (values.size < options.mostSeries || values.has(found.series)) {
          values.set(found.series, found.value);
        } else {
          leftOut += 1;
        }
      }
    }
    start = end + 1;
  }
  return { values, leftOut };
}

const partNames = ['_bucket', '_sum', '_count', '_created'] as const;

function isOfDistribution(name: string, distributions: ReadonlySet<string>): boolean {
  if (name.endsWith('_bucket') || distributions.has(name)) {
    return true;
  }
  const part = partNames.find((ending) => name.endsWith(ending));
  return part !== undefined && distributions.has(name.slice(0, -part.length));
}

/** `name{labels} value [timestamp]`; null for a line of another shape. */
function seriesIn(
  text: string,
  start: number,
  end: number,
): { name: string; series: string; value: number | null } | null {
  let at = start;
  while (at < end && isNameCharacter(text.charCodeAt(at))) {
    at += 1;
  }
  const name = text.slice(start, at);
  if (text[at] === '{' && at < end) {
    at = afterLabels(text, at + 1, end);
    if (at < 0) {
      return null;
    }
  }
  const series = text.slice(start, at);
  const valueFrom = afterBlanks(text, at, end);
  const valueTo = afterWord(text, valueFrom, end);
  if (valueFrom === at || valueTo === valueFrom) {
    return null;
  }
  // Number() takes blanks alone for 0, so a line without a timestamp passes.
  return Number.isNaN(Number(text.slice(valueTo, end)))
    ? null
    : { name, series, value: finiteOrNull(text.slice(valueFrom, valueTo)) };
}

function isNameCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 58) || code === 95 /* _ */;
}

const isBlank = (code: number): boolean => code === space || code === tab || code === carriageReturn;

function afterBlanks(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(text.charCodeAt(at))) {
    at += 1;
  }
  return at;
}

function afterWord(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && !isBlank(text.charCodeAt(at))) {
    at += 1;
  }
  return at;
}

/** Place behind the closing brace, which may also stand inside a quoted value; -1 if the line ends before it. */
function afterLabels(text: string, from: number, end: number): number {
  let isQuoted = false;
  for (let at = from; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (isQuoted && code === backslash) {
      at += 1;
    } else if (code === quote) {
      isQuoted = !isQuoted;
    } else if (!isQuoted && code === closingBrace) {
      return at + 1;
    }
  }
  return -1;
}

function finiteOrNull(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
