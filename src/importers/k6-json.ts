import type { ImportContext, ImportedRequest, RecordImporter } from '../model/importer.ts';
import type { Outcome } from '../model/record.ts';
import { fieldsOf, numberOf, textOf } from './reading/fields.ts';
import { firstObject } from './reading/first-object.ts';
import { parsedLines } from './reading/ndjson.ts';

/** Points of one request, by metric. */
interface Trail {
  time: string;
  tags: Readonly<Record<string, unknown>>;
  values: Map<string, number>;
}

/** RFC 3339 with nanoseconds, of which `Date.parse` keeps three digits; NaN if it is none. */
function wallMsOf(time: string): number {
  const [, whole = '', fraction = '', zone = ''] = /^([^.Z+]+?)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  return Date.parse(`${whole}${zone}`) + 1000 * Number(fraction);
}

const isOfRequest = (metric: string): boolean => metric === 'http_reqs' || metric.startsWith('http_req_');

/**
 * k6's error codes (grafana.com/docs/k6, "Error codes"): 1050 a timeout, 11xx no address, 121x no connection,
 * 1201 a broken pipe, 1202 a failed write, 1220 a reset, 14xx and 15xx the HTTP status.
 */
function outcomeOf(status: number, code: number | null, error: string): Outcome {
  if (status >= 400) {
    return 'http_error';
  }
  if (status > 0 && code === null) {
    return 'ok';
  }
  if (code === 1050 || code === 1211) {
    return 'timeout';
  }
  if (code !== null && ((code >= 1100 && code < 1200) || (code >= 1210 && code < 1220) || code === 1010)) {
    return 'refused';
  }
  if (/context canceled/.test(error)) {
    return 'cancelled';
  }
  return code !== null && code >= 1200 && code < 1300 ? 'reset' : 'closed_early';
}

function toRequest({ time, tags, values }: Trail, { wallZeroMs }: ImportContext): ImportedRequest | null {
  const endMs = wallMsOf(time) - wallZeroMs;
  const durationMs = values.get('http_req_duration');
  if (Number.isNaN(endMs) || durationMs === undefined) {
    return null;
  }
  // `blocked` lasts from asking for a connection to having it, so it holds connecting and the TLS handshake.
  const sentFromMs = endMs - durationMs;
  const bodySentMs = sentFromMs + (values.get('http_req_sending') ?? 0);
  const status = Number(textOf(tags['status']) ?? 0);
  const code = textOf(tags['error_code']);
  const outcome = outcomeOf(status, code === null ? null : Number(code), textOf(tags['error']) ?? '');
  const firstByteMs = endMs - (values.get('http_req_receiving') ?? 0);
  return {
    itemId: textOf(tags['name']) ?? textOf(tags['url']) ?? 'request',
    plannedMs: null,
    startMs: sentFromMs - (values.get('http_req_blocked') ?? 0),
    bodySentMs: status > 0 ? bodySentMs : null,
    firstByteMs: status > 0 ? firstByteMs : null,
    firstContentMs: null,
    endMs,
    status: status > 0 ? status : null,
    outcome,
    errorCode: outcome === 'ok' ? null : `k6_${code ?? 'unknown'}`,
    reusedSocket: values.get('http_req_connecting') === 0 && status > 0,
  };
}

/**
 * `k6 run --out json=FILE`, as k6 v1 and v2 write it (output/json and lib/netext/httpext/tracer.go): a point a line,
 * and the points of one request follow one another with the time of its end, `http_reqs` first.
 */
export const k6Json: RecordImporter = {
  id: 'k6-json',
  title: 'k6 run --out json=FILE',
  recognises(head) {
    const { type, metric } = firstObject(head);
    return (type === 'Metric' || type === 'Point') && typeof metric === 'string';
  },
  async *read(file, context, note) {
    let trail: Trail | null = null;
    for await (const parsed of parsedLines(file, note)) {
      const point = fieldsOf(parsed);
      const metric = textOf(point['metric']) ?? '';
      if (point['type'] !== 'Point' || !isOfRequest(metric)) {
        continue;
      }
      const data = fieldsOf(point['data']);
      const time = textOf(data['time']) ?? '';
      if (trail !== null && (trail.time !== time || trail.values.has(metric))) {
        const request = toRequest(trail, context);
        trail = null;
        if (request !== null) {
          yield request;
        }
      }
      trail ??= { time, tags: fieldsOf(data['tags']), values: new Map() };
      trail.values.set(metric, numberOf(data['value']) ?? 0);
    }
    const last = trail === null ? null : toRequest(trail, context);
    if (last !== null) {
      yield last;
    }
  },
};
