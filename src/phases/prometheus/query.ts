import http from 'node:http';
import https from 'node:https';
import { messageOf, systemCodeOf } from '../../base/errors.ts';
import { formatBytes, formatDuration } from '../../base/units.ts';

const timeoutMs = 10_000;
const bodyLimitBytes = 64 * 1024 ** 2;
const shortestStepSeconds = 1;
/** Prometheus refuses more than 11,000 points a series. */
const mostPoints = 10_000;

export interface RangeSeries {
  labels: Readonly<Record<string, string>>;
  /** Wall clock in ms since 1970, rising; a value that is no number is left out. */
  points: readonly { wallMs: number; value: number }[];
}

/** `refused`: it answered, but not with a result. `down`: it did not answer, so that asking on is in vain. */
export type RangeAnswer =
  | { ok: true; series: readonly RangeSeries[] }
  | { ok: false; kind: 'refused' | 'down'; why: string };

/** `/api/v1/query_range` of the Prometheus HTTP API over a span of wall time. The query is sent as it is. */
export async function queryRange(base: URL, query: string, fromMs: number, toMs: number): Promise<RangeAnswer> {
  const url = new URL(`${base.pathname.replace(/\/+$/, '')}/api/v1/query_range`, base);
  url.username = base.username;
  url.password = base.password;
  const seconds = (toMs - fromMs) / 1000;
  url.search = new URLSearchParams({
    query,
    start: (fromMs / 1000).toFixed(3),
    end: (toMs / 1000).toFixed(3),
    step: String(Math.max(shortestStepSeconds, Math.ceil(seconds / mostPoints))),
  }).toString();
  let answer: { status: number; body: string };
  try {
    answer = await get(url);
  } catch (error: unknown) {
    return { ok: false, kind: 'down', why: systemCodeOf(error) ?? messageOf(error) };
  }
  return parseAnswer(answer.status, answer.body);
}

function get(url: URL): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, { agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let lengthBytes = 0;
      response.on('data', (chunk: Buffer) => {
        lengthBytes += chunk.length;
        chunks.push(chunk);
        if (lengthBytes > bodyLimitBytes) {
          request.destroy(new Error(`its answer is larger than ${formatBytes(bodyLimitBytes)}`));
        }
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
      });
      response.on('error', reject);
    });
    // Of its own: the socket's idle timeout starts anew with every byte that trickles in.
    const timer = setTimeout(() => {
      request.destroy(new Error(`no whole answer within ${formatDuration(timeoutMs)}`));
    }, timeoutMs);
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(timer);
    });
  });
}

interface RangeBody {
  status?: unknown;
  error?: unknown;
  data?: { result?: ({ metric?: Record<string, string>; values?: unknown } | null)[] };
}

/** Prometheus writes NaN and infinity as texts; neither is a value. */
function pointOf(pair: unknown): { wallMs: number; value: number }[] {
  const [seconds, text] = Array.isArray(pair) ? (pair as unknown[]) : [];
  const point = { wallMs: Number(seconds) * 1000, value: typeof text === 'string' ? Number(text) : Number.NaN };
  return Number.isFinite(point.wallMs) && Number.isFinite(point.value) ? [point] : [];
}

/** Exported for its table of answers; see `queryRange`. */
export function parseAnswer(status: number, body: string): RangeAnswer {
  let parsed: RangeBody | null;
  try {
    parsed = JSON.parse(body) as RangeBody | null;
  } catch {
    return { ok: false, kind: 'refused', why: `HTTP ${status} without JSON` };
  }
  if (status !== 200 || parsed?.status !== 'success' || !Array.isArray(parsed.data?.result)) {
    const told = typeof parsed?.error === 'string' ? `: ${parsed.error.split('\n')[0] ?? ''}` : '';
    return { ok: false, kind: 'refused', why: `HTTP ${status}${told}` };
  }
  return {
    ok: true,
    series: parsed.data.result.map((found) => ({
      labels: found?.metric ?? {},
      points: (Array.isArray(found?.values) ? found.values : []).flatMap(pointOf),
    })),
  };
}
