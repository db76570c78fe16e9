import type { AdapterOptions, CallAdapter } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { ClosedRows, OpenRows, PlanRow } from '../model/plan.ts';
import type { ClientManners } from '../model/profile.ts';
import type { Outcome, RequestRecord } from '../model/record.ts';

const contractStage = 'contract';

/** An item whose bytes are made while they are sent, from one buffer that is used again and again. */
export function streamedItem(id: string, bytes: number): CorpusItem {
  return {
    id,
    bytes,
    sha256: null,
    mediaType: 'audio/wav',
    fileName: `${id}.wav`,
    content: 'import',
    traits: { audioSeconds: 2 },
    truth: {},
    attachments: [],
    *chunks(range = { start: 0, end: bytes }) {
      const buffer = new Uint8Array(Math.min(100_000, range.end - range.start));
      for (let at = range.start; at < range.end; at += buffer.length) {
        buffer.fill((at + bytes) & 255);
        yield buffer.subarray(0, Math.min(buffer.length, range.end - at));
      }
    },
  };
}

export const anyOptions: AdapterOptions = { model: 'any', check: 'auto', path: null, stream: false, template: null };

export const rawAdapter: CallAdapter = {
  kind: 'call',
  id: 'raw',
  title: 'the item as it is',
  accepts: ['audio/'],
  request: (item) => ({ method: 'POST', path: '/raw', headers: {}, segments: [{ item }] }),
  judge(reply) {
    const text = Buffer.from(reply.body).toString('utf8');
    return text.includes('"error"')
      ? { ok: false, check: 'none', answerDigest: null, route: null, code: 'error_in_reply', detail: text }
      : { ok: true, check: 'none', answerDigest: null, route: reply.headers['x-route'] ?? null };
  },
};

/** Streams whose events carry `token ...` are answers; each such event counts as a token. */
export const streamingAdapter: CallAdapter = {
  ...rawAdapter,
  id: 'raw-stream',
  title: 'the item as it is, answered as a stream',
  readStream() {
    let tokens = 0;
    return {
      event(_, data) {
        const isContent = data.startsWith('token');
        tokens += isContent ? 1 : 0;
        return isContent ? 'content' : 'other';
      },
      judge: () => ({ ok: true, check: 'none', answerDigest: null, route: null, outputTokens: tokens }),
    };
  },
};

const sendsAndWaits: ClientManners = {
  abandonAfterMs: null,
  retries: 0,
  retryPauseMs: 0,
  uploadBytesPerSecond: null,
  disconnectAtRatio: null,
};

/** The same rows, sent by clients that do more than send and wait. */
export function withClient(rows: OpenRows, manners: Partial<ClientManners>): OpenRows {
  return { ...rows, rows: rows.rows.map((row) => ({ ...row, client: { ...sendsAndWaits, ...manners } })) };
}

export function openRows(
  arrivalsMs: readonly number[],
  options: { bytes?: number; timeoutMs?: number; maxInFlight?: number } = {},
): OpenRows {
  return {
    model: 'open',
    maxInFlight: options.maxInFlight ?? 1000,
    rows: arrivalsMs.map(
      (plannedMs, seq): PlanRow => ({
        seq,
        stage: contractStage,
        item: streamedItem(`item-${seq}`, options.bytes ?? 1000),
        timeoutMs: options.timeoutMs ?? 5000,
        plannedMs,
        slot: null,
        client: null,
      }),
    ),
  };
}

export function every(gapMs: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => index * gapMs);
}

export function count(records: readonly RequestRecord[], outcome: Outcome): number {
  return records.filter((record) => record.outcome === outcome).length;
}

export function serviceMs(record: RequestRecord | undefined): number {
  return record?.startMs == null || record.endMs === null ? Number.NaN : record.endMs - record.startMs;
}

export function closedRows(slots: number, thinkMs: number, over: Partial<ClosedRows> = {}): ClosedRows {
  return {
    model: 'closed',
    slots,
    thinkMs,
    window: () => ({ fromMs: 0, toMs: Number.POSITIVE_INFINITY }),
    draw: (slot, turn) => ({
      seq: turn * slots + slot,
      stage: contractStage,
      item: streamedItem(`item-${slot}`, 1000),
      timeoutMs: 5000,
      plannedMs: null,
      slot,
      client: null,
    }),
    ...over,
  };
}
