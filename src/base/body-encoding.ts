/** How an item's bytes stand in a JSON string: `base64` for any bytes, `json` for UTF-8 text, escaped. */
export type BodyEncoding = 'base64' | 'json';

/** A source of known length that makes its chunks on demand; a chunk may be reused after the next is asked for. */
export interface BodySource {
  readonly bytes: number;
  chunks(): Iterable<Uint8Array>;
}

const outBytes = 64 * 1024;
/** So many bytes of source make `outBytes` of base64. */
const sliceBytes = (outBytes / 4) * 3;

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function* base64Chunks(source: BodySource): Generator<Uint8Array> {
  const out = Buffer.allocUnsafeSlow(Math.min(outBytes, base64Length(source.bytes)));
  // Three bytes make four characters, so up to two wait for the next chunk.
  const triple = new Uint8Array(3);
  let waiting = 0;
  const encode = (bytes: Uint8Array): Uint8Array => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    return out.subarray(0, out.write(text, 0, 'latin1'));
  };
  for (const chunk of source.chunks()) {
    let at = 0;
    while (waiting > 0 && at < chunk.length) {
      triple[waiting] = chunk[at] ?? 0;
      waiting += 1;
      at += 1;
      if (waiting === 3) {
        yield encode(triple);
        waiting = 0;
      }
    }
    const end = at + Math.floor((chunk.length - at) / 3) * 3;
    for (; at < end; at += sliceBytes) {
      yield encode(chunk.subarray(at, Math.min(end, at + sliceBytes)));
    }
    for (at = end; at < chunk.length; at += 1) {
      triple[waiting] = chunk[at] ?? 0;
      waiting += 1;
    }
  }
  if (waiting > 0) {
    yield encode(triple.subarray(0, waiting));
  }
}

/** RFC 8259, 7: quote, backslash and control characters must be escaped, all else may stand as it is. */
function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte !== 0x22 && byte !== 0x5c;
}

const escapes: readonly Uint8Array[] = Array.from({ length: 0x5d }, (_, byte) =>
  new TextEncoder().encode(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
);

function escapeOf(byte: number): Uint8Array {
  return escapes[byte] ?? new Uint8Array();
}

const longestEscape = 6;

function* jsonChunks(source: BodySource): Generator<Uint8Array> {
  const out = new Uint8Array(Math.min(outBytes, (source.bytes + 1) * longestEscape));
  let filled = 0;
  for (const chunk of source.chunks()) {
    for (let at = 0; at < chunk.length; ) {
      const most = Math.min(chunk.length, at + out.length - filled);
      let end = at;
      while (end < most && isPlain(chunk[end] ?? 0)) {
        end += 1;
      }
      out.set(chunk.subarray(at, end), filled);
      filled += end - at;
      at = end;
      if (filled > out.length - longestEscape) {
        yield out.subarray(0, filled);
        filled = 0;
      }
      const byte = chunk[at];
      if (byte !== undefined && !isPlain(byte)) {
        out.set(escapeOf(byte), filled);
        filled += escapeOf(byte).length;
        at += 1;
      }
    }
  }
  yield out.subarray(0, filled);
}

// Counting makes the whole text once, so it is done once for each item and not for each request.
const jsonLengths = new WeakMap<BodySource, number>();

function jsonLength(source: BodySource): number {
  const known = jsonLengths.get(source);
  if (known !== undefined) {
    return known;
  }
  let length = 0;
  for (const chunk of source.chunks()) {
    length += chunk.length;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      length += isPlain(byte) ? 0 : escapeOf(byte).length - 1;
    }
  }
  jsonLengths.set(source, length);
  return length;
}

/** Bytes of the source as it is sent; undefined = as it is. */
export function encodedLength(source: BodySource, encoding: BodyEncoding | undefined): number {
  switch (encoding) {
    case undefined:
      return source.bytes;
    case 'base64':
      return base64Length(source.bytes);
    case 'json':
      return jsonLength(source);
  }
}

/** The source as it is sent, in chunks of at most 64 KiB if it is encoded; they too may be reused. */
export function encodedChunks(source: BodySource, encoding: BodyEncoding | undefined): Iterable<Uint8Array> {
  switch (encoding) {
    case undefined:
      return source.chunks();
    case 'base64':
      return base64Chunks(source);
    case 'json':
      return jsonChunks(source);
  }
}
