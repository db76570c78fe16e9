import { sha256Hex } from '../../base/digest.ts';
import type { Segment, WireRequest } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';

/** A part of a form in its place; `fileName` null is a plain field. */
export interface FormPart {
  name: string;
  fileName: string | null;
  mediaType: string | null;
  pieces: readonly (string | Segment)[];
}

/** As browsers write it: a quote or a line break would end the header. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

export function fieldPart(name: string, value: string): FormPart {
  return { name, fileName: null, mediaType: null, pieces: [value] };
}

export function filePart(name: string, item: CorpusItem): FormPart {
  return { name, fileName: item.fileName, mediaType: item.mediaType, pieces: [{ item }] };
}

function segmentsOf(boundary: string, { name, fileName, mediaType, pieces }: FormPart): Segment[] {
  const file = fileName === null ? '' : `; filename="${quoted(fileName)}"`;
  const type = mediaType === null ? '' : `Content-Type: ${mediaType}\r\n`;
  return [
    `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${file}\r\n${type}\r\n`,
    ...pieces,
    '\r\n',
  ].map((piece) => (typeof piece === 'string' ? { bytes: Buffer.from(piece) } : piece));
}

/** A form (RFC 7578) of these parts. The item gives the boundary, so that it is the same bytes in every run. */
export function formRequest(path: string, item: CorpusItem, parts: readonly FormPart[]): WireRequest {
  const boundary = `headroom-${sha256Hex(item.id).slice(0, 32)}`;
  return {
    method: 'POST',
    path,
    headers: { accept: 'application/json', 'content-type': `multipart/form-data; boundary=${boundary}` },
    segments: [...parts.flatMap((part) => segmentsOf(boundary, part)), { bytes: Buffer.from(`--${boundary}--\r\n`) }],
  };
}

/** A form of some fields, and the item as its last part, `file`. */
export function multipartRequest(
  path: string,
  item: CorpusItem,
  fields: Readonly<Record<string, string>> = {},
): WireRequest {
  const texts = Object.entries(fields).map(([name, value]) => fieldPart(name, value));
  return formRequest(path, item, [...texts, filePart('file', item)]);
}
