import type { BodyEncoding } from '../base/body-encoding.ts';
import type { CorpusItem } from './corpus.ts';
import type { CheckLevel } from './record.ts';

/** A piece of a request body whose length is known before sending; an item goes as it is if no encoding is named. */
export type Segment = { bytes: Uint8Array } | { item: CorpusItem; encoding?: BodyEncoding };

export interface WireRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Readonly<Record<string, string>>;
  segments: readonly Segment[];
}

/** The reply as the adapter sees it; `body` is cut at `bodyLimitBytes` of the engine, `truncated` says so. */
export interface ReplyView {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  truncated: boolean;
}

interface CheckedReply {
  check: CheckLevel;
  answerDigest: string | null;
  route: string | null;
  /** Real speech only: words spoken and edits (insert, delete, replace) that the answer is from them. */
  words?: { spoken: number; errors: number };
  /** As the server counts them; absent or null where it does not say. */
  outputTokens?: number | null;
}

/** `ok: false` on a 2xx is a semantic error: a failure that the status hides. */
export type ReplyCheck = ({ ok: true } & CheckedReply) | ({ ok: false; code: string; detail: string } & CheckedReply);

export interface AdapterOptions {
  /** The value of the `model` form field. */
  model: string;
  /** `tokens` if the target is known to decode the planted code, `auto` otherwise. */
  check: 'tokens' | 'auto';
  /** Replaces the adapter's own path; null keeps it. */
  path: string | null;
  /** Ask for the reply as a stream, where the format has one. */
  stream: boolean;
  /** The text of a template file, for formats that are declared and not coded; null without. */
  template: { text: string; fileName: string } | null;
  /** How we are reached and how we lease work, where the target calls us; not given: `defaultServe`. */
  serve?: ServeOptions;
}

/** Serve adapters only. */
export interface ServeOptions {
  /** Where we listen; port 0 takes a free one. */
  host: string;
  port: number;
  /** Token that a worker must show; null: any will do. */
  token: string | null;
  /** How long a task is its taker's alone; the profile's scale is already in it, see `leaseMsAt`. */
  leaseMs: number;
  /** How often a task is given out before it counts as lost. */
  deliveries: number;
  /** Whether the target is told where we are; if not, its own configuration must say so. */
  announces: boolean;
}

/** Lease and deliveries are those of the queue whose workers we drive. */
export const defaultServe: ServeOptions = {
  host: '127.0.0.1',
  port: 0,
  token: null,
  leaseMs: 300_000,
  deliveries: 2,
  announces: true,
};

/** Tasks are as much work at any scale: a worker that does well has answered what it holds within so long. */
const leastLeaseMs = 60_000;

/** The lease of a run at a scale: it is scaled as every duration is, but never below a minute. */
export function leaseMsAt(scale: number): number {
  return Math.max(leastLeaseMs, defaultServe.leaseMs * scale);
}

/**
 * Reads a streamed reply (server-sent events) event by event; nothing is kept but what the judgement needs.
 */
export interface StreamReader {
  /** `content` for an event with non-empty output: the first of them is the first token. */
  event(name: string | null, data: string): 'content' | 'other';
  /** Once, when the stream has ended. */
  judge(): ReplyCheck & { outputTokens: number | null };
}

/** One wire format in which we call the target. */
export interface CallAdapter {
  kind: 'call';
  id: string;
  title: string;
  /** Media types that it can carry, as prefixes: `audio/`. */
  accepts: readonly string[];
  /** The same for the same item and options, so that an engine need not ask again. */
  request(item: CorpusItem, options: AdapterOptions): WireRequest;
  /** Only called for 2xx. */
  judge(reply: ReplyView, item: CorpusItem, options: AdapterOptions): ReplyCheck;
  /** For a reply of type text/event-stream; an adapter without it is never asked for a stream. */
  readStream?(item: CorpusItem, options: AdapterOptions): StreamReader;
}

/** A request that the target makes of us, its body whole. */
export interface ServedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Scheme and host by which the target reached us: a link in a reply must work from where it is. */
  origin: string;
  /** The header of that name; null without. */
  authorization: string | null;
  body: Uint8Array;
}

export type ServedReply =
  | { status: number; json: unknown }
  /** Bytes of a task's item, streamed. */
  | { status: number; handOut: HandOut };

/** A task in the hands of a target. `id` is of this time alone, `task` the same whenever it is given out. */
export interface HandOut {
  id: string;
  task: string;
  item: CorpusItem;
}

/** Work that waits for a target which fetches it: offered, taken under a lease, answered or given out again. */
export interface JobBoard {
  /** Tasks that wait, up to `most`, now leased to the caller. */
  take(most: number): readonly HandOut[];
  /** null for one that never was. */
  handOut(id: string): HandOut | null;
  /** `unknown`: never given out. `late`: its lease had ended. `duplicate`: it was answered before. */
  answer(id: string, check: ReplyCheck, bytesIn: number): 'accepted' | 'late' | 'duplicate' | 'unknown';
  waiting(): number;
}

/** One wire format in which the target calls us. */
export interface ServeAdapter {
  kind: 'serve';
  id: string;
  title: string;
  accepts: readonly string[];
  /** What stands after our host in the address that a target is given. */
  basePath: string;
  /** How the target is told where we are, `basePath` included; null: its own configuration says so. */
  announce(ourUrl: URL, options: AdapterOptions): WireRequest | null;
  /** Throws nothing: what it cannot read is answered with a 4xx. */
  reply(request: ServedRequest, board: JobBoard, options: AdapterOptions): ServedReply;
}

export type Adapter = CallAdapter | ServeAdapter;
