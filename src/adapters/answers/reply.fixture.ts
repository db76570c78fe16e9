import { encodedChunks } from '../../base/body-encoding.ts';
import { contentLength } from '../../base/body-stream.ts';
import type { AdapterOptions, ReplyView, WireRequest } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';

/** A target that is known to decode what was planted, and one of which nothing is known. */
export const knowing: AdapterOptions = {
  model: 'tiny "1"',
  check: 'tokens',
  path: null,
  stream: false,
  template: null,
};
export const unknowing: AdapterOptions = { ...knowing, check: 'auto' };

/** An item of a few bytes that come in chunks of five. */
export function itemOf(content: string | Uint8Array, parts: Partial<CorpusItem> = {}): CorpusItem {
  const bytes = Buffer.from(content as Uint8Array);
  return {
    id: 'item-1',
    bytes: bytes.length,
    sha256: null,
    mediaType: 'text/plain',
    fileName: 'item-1.txt',
    content: 'code',
    traits: {},
    truth: {},
    attachments: [],
    *chunks(range = { start: 0, end: bytes.length }) {
      for (let at = range.start; at < Math.min(bytes.length, range.end); at += 5) {
        yield bytes.subarray(at, Math.min(bytes.length, range.end, at + 5));
      }
    },
    ...parts,
  };
}

/** Texts and bytes go as they are, all else as JSON. */
export function replyOf(body: unknown, parts: Partial<ReplyView> = {}): ReplyView {
  const isBytes = typeof body === 'string' || body instanceof Uint8Array;
  const bytes = Buffer.from((isBytes ? body : JSON.stringify(body)) as Uint8Array);
  return { status: 200, headers: {}, body: bytes, truncated: false, ...parts };
}

/** The whole body, whose length is checked against the one that is announced. */
export function bodyOf({ segments }: WireRequest): Buffer {
  const body = Buffer.concat(
    segments.flatMap((segment) =>
      'item' in segment
        ? Array.from(encodedChunks(segment.item, segment.encoding), (chunk) => Buffer.from(chunk))
        : [Buffer.from(segment.bytes)],
    ),
  );
  if (body.length !== contentLength(segments)) {
    throw new Error(`announced ${contentLength(segments)} bytes, sent ${body.length}`);
  }
  return body;
}
