/** One line of k6's JSON output that tells something of our requests. Wall-clock ms with fractions. */
export type K6Sample =
  | { kind: 'begun' | 'ended'; wallMs: number; planHash: string; seq: number; at: RowPlace; reply: K6Reply | null }
  | { kind: 'sent'; wallMs: number; planHash: string; seq: number; bytes: number }
  | { kind: 'dropped'; wallMs: number; planHash: string; stageKey: string | null; count: number };

/** Where an iteration stands: its scenario, the number of its row in it, its VU, and when the scenario began. */
export interface RowPlace {
  stageKey: string;
  n: number;
  slot: number;
  zeroWallMs: number;
}

export interface K6Timings {
  blocked: number;
  connecting: number;
  tls_handshaking: number;
  sending: number;
  waiting: number;
  receiving: number;
  duration: number;
}

/** What the script hands back of a response. */
export interface K6Reply {
  /** 0 without a response. */
  status: number;
  error: string;
  /** k6's own table: 1050 is a timeout, 1212 a refusal, 1220 a reset. */
  code: number;
  timings: K6Timings;
  headers: Readonly<Record<string, string>>;
  bytes: number;
  /** Base64 of its first 64 KiB. */
  body: string;
}

const kinds: ReadonlyMap<string, K6Sample['kind']> = new Map([
  ['headroom_begun', 'begun'],
  ['headroom_ended', 'ended'],
  ['data_sent', 'sent'],
  ['dropped_iterations', 'dropped'],
]);

interface Point {
  metric: string;
  type: string;
  data: {
    time: string;
    value: number;
    tags?: Record<string, string> | null;
    metadata?: Record<string, string> | null;
  };
}

/** RFC 3339 with up to nine decimals, which `Date` cuts at three. */
export function wallMsOf(time: string): number {
  const match = /^(.*?)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(time);
  return match === null
    ? Number.NaN
    : Date.parse(`${match[1] ?? ''}${match[3] ?? ''}`) + Number(`0${match[2] ?? '.0'}`) * 1000;
}

const isWhole = (value: unknown): value is number => Number.isInteger(value);

/** null for what is no JSON. */
function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T | null;
  } catch {
    return null;
  }
}

/** null for a line that is of no use here, and for one that a killed k6 has left half written. */
export function parseSample(line: string): K6Sample | null {
  // Nine of ten lines are k6's own metrics: they are told apart before they are parsed.
  const kind = kinds.get(/^\{"metric":"(\w+)","type":"Point"/.exec(line)?.[1] ?? '');
  if (kind === undefined) {
    return null;
  }
  const data = parsed<Point>(line)?.data ?? null;
  if (data === null) {
    return null;
  }
  const metadata = data.metadata ?? {};
  const tags = data.tags ?? {};
  const head = { wallMs: wallMsOf(data.time), planHash: tags['plan'] ?? '' };
  // A number that is none would make a time of a request that cannot be drawn.
  if (!Number.isFinite(head.wallMs) || !Number.isFinite(data.value)) {
    return null;
  }
  if (kind === 'dropped') {
    return { kind, ...head, stageKey: tags['scenario'] ?? null, count: data.value };
  }
  const seq = Number(metadata['seq']);
  if (!Number.isInteger(seq)) {
    return null;
  }
  if (kind === 'sent') {
    return { kind, ...head, seq, bytes: data.value };
  }
  const place = parsed<readonly unknown[]>(metadata['at'] ?? '[]');
  const parts: readonly unknown[] = Array.isArray(place) ? place : [];
  const [stageKey, n, slot, zeroWallMs] = parts;
  if (typeof stageKey !== 'string' || !isWhole(n) || !isWhole(slot) || typeof zeroWallMs !== 'number') {
    return null;
  }
  const reply = metadata['reply'] === undefined ? null : parsed<K6Reply>(metadata['reply']);
  return { kind, ...head, seq, at: { stageKey, n, slot, zeroWallMs }, reply };
}
