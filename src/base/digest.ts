import { createHash } from 'node:crypto';

/** The same value with the keys of all its objects in order. */
function withSortedKeys(value: unknown): unknown {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return withSortedKeys(value.toJSON());
  }
  if (Array.isArray(value)) {
    return value.some((held) => typeof held === 'object') ? value.map(withSortedKeys) : value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, held]) => [key, withSortedKeys(held)]));
}

/** JSON with sorted keys and without `undefined`: the same value always gives the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(withSortedKeys(value));
}

/** Lower-case hex SHA-256 of a text or of bytes. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 over chunks, for content that is never whole in memory. */
export function sha256OfChunks(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}
