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
}

/** One wire format in which we call the target. */
export interface CallAdapter {
  id: string;
  title: string;
  /** Media types that it can carry, as prefixes: `audio/`. */
  accepts: readonly string[];
  request(item: CorpusItem, options: AdapterOptions): WireRequest;
  /** Only called for 2xx. */
  judge(reply: ReplyView, item: CorpusItem, options: AdapterOptions): ReplyCheck;
}
