import { sha256Hex } from '../../base/digest.ts';
import type { WireRequest } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';

/** As browsers write it: a quote or a line break would end the header. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A form (RFC 7578) of some fields, and the item as its part `file`. */
export function multipartRequest(
  path: string,
  item: CorpusItem,
  fields: Readonly<Record<string, string>> = {},
): WireRequest {
  // From the item, so that the same item is the same bytes in every run.
  const boundary = `headroom-${sha256Hex(item.id).slice(0, 32)}`;
  const field = ([name, value]: readonly [string, string]): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head =
    Object.entries(fields).map(field).join('') +
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted(item.fileName)}"\r\n` +
    `Content-Type: ${item.mediaType}\r\n\r\n`;
  return {
    method: 'POST',
    path,
    headers: { accept: 'application/json', 'content-type': `multipart/form-data; boundary=${boundary}` },
    segments: [{ bytes: Buffer.from(head) }, { item }, { bytes: Buffer.from(`\r\n--${boundary}--\r\n`) }],
  };
}
