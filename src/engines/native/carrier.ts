import type { Segment } from '../../model/adapter.ts';
import type { ClientManners } from '../../model/profile.ts';

/** One request as it goes over the wire, whatever carries it. */
export interface Call {
  method: 'GET' | 'POST';
  path: string;
  /** Names in lower case; without `host` unless a user names one. */
  headers: Readonly<Record<string, string>>;
  segments: readonly Segment[];
  bytes: number;
  client: ClientManners | null;
  /** The same object comes again, so that what a carrier makes of it may be kept with it. */
  isKept: boolean;
}

export type ReplyHeaders = Readonly<Record<string, string>>;

/** What happens to a call, in this order; after `ended` or `broke` nothing more counts. */
export interface CallEvents {
  /** `reused`: on a connection that carried an earlier call. */
  connected(reused: boolean): void;
  /** Bytes of the body that the kernel has taken so far. */
  progress(bytesOut: number): void;
  bodySent(): void;
  head(status: number, headers: ReplyHeaders): void;
  data(chunk: Buffer): void;
  /** The reply is whole. */
  ended(): void;
  /** The connection broke; null: it was closed in order. `atMs` where that was seen earlier than now. */
  broke(error: unknown, atMs?: number): void;
  /** The share of the body after which this client disconnects has left. */
  disconnected(): void;
  /** Our own code threw while it made the body. */
  failed(failure: unknown): void;
}

/** A call under way. */
export interface Transfer {
  stopUpload(): void;
  /** Lets go of the call; its connection carries no other. */
  destroy(): void;
}

/** One version of HTTP to one server, with its own connections. */
export interface Carrier {
  /**
   * Throws for a call that cannot be written, such as a bad header; of the events only `connected`,
   * `progress` and `bodySent` come before it returns.
   */
  send(call: Call, events: CallEvents): Transfer;
  close(): void;
}
