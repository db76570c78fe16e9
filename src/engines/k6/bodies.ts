import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { contentLength, writeBody } from '../../base/body-stream.ts';
import type { AdapterOptions, CallAdapter, WireRequest } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';

/** How the script sends one item: its body is a part of the one file of bodies. */
export interface BodyPlace extends Pick<WireRequest, 'method' | 'path' | 'headers'> {
  offset: number;
  length: number;
}

export interface Bodies {
  places: readonly BodyPlace[];
  indexOf: ReadonlyMap<string, number>;
  bytes: number;
  largestBytes: number;
  requests: readonly WireRequest[];
}

/** Each distinct item once, in order of first use, from `startOffset` of the file on; makes no bytes. */
export function placeBodies(
  items: Iterable<CorpusItem>,
  adapter: CallAdapter,
  options: AdapterOptions,
  startOffset: number,
): Bodies {
  const indexOf = new Map<string, number>();
  const places: BodyPlace[] = [];
  const requests: WireRequest[] = [];
  let offset = startOffset;
  for (const item of items) {
    if (!indexOf.has(item.id)) {
      const request = adapter.request(item, options);
      const length = contentLength(request.segments);
      indexOf.set(item.id, places.length);
      places.push({ method: request.method, path: request.path, headers: request.headers, offset, length });
      requests.push(request);
      offset += length;
    }
  }
  const largestBytes = places.reduce((largest, { length }) => Math.max(largest, length), 0);
  return { places, indexOf, bytes: offset - startOffset, largestBytes, requests };
}

/** Writes the rows and all bodies behind one another. Rejects if the signal comes first. */
export async function writeBodies(
  { rowTable, bodies }: { rowTable: Uint8Array; bodies: Bodies },
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const file = createWriteStream(path);
  file.write(rowTable);
  for (const { segments } of bodies.requests) {
    const whole = await writeBody(file, segments, { signal, onProgress: () => undefined });
    if (!whole) {
      file.destroy();
      signal.throwIfAborted();
      throw file.errored ?? new Error(`The bodies could not be written to ${path}.`);
    }
  }
  file.end();
  await finished(file);
}
