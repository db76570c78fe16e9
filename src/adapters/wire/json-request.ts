import type { Segment, WireRequest } from '../../model/adapter.ts';

/** For a request that wants a stream; servers that have none answer with JSON. */
export const streamAccept = { accept: 'text/event-stream, application/json' } as const;

/** A POST of JSON that is written piece by piece, so that no item is ever whole in memory. */
export function jsonRequest(path: string, pieces: readonly (string | Segment)[]): WireRequest {
  return {
    method: 'POST',
    path,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    segments: pieces.map((piece) => (typeof piece === 'string' ? { bytes: Buffer.from(piece) } : piece)),
  };
}
