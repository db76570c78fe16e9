import { touchPages } from '../../pages.ts';

/** What the cache of one replica holds. */
export interface CacheSize {
  entries: number;
  bytes: number;
}

export interface PromptCache {
  /** Finds or makes the entry; `droppedBytes` is what had to go for it. */
  look(key: string): { hit: boolean; droppedBytes: number };
  size(): CacheSize;
}

/** Entries of one size by prompt; the one unused for longest goes first where `mostBytes` would be passed. */
export function createPromptCache(entryBytes: number, mostBytes: number | null): PromptCache {
  const entries = new Map<string, Uint8Array>();
  const most = mostBytes === null ? Number.POSITIVE_INFINITY : Math.floor(mostBytes / Math.max(1, entryBytes));
  const dropTo = (count: number): number => {
    let droppedBytes = 0;
    for (const oldest of entries.keys()) {
      if (entries.size <= count) {
        break;
      }
      entries.delete(oldest);
      droppedBytes += entryBytes;
    }
    return droppedBytes;
  };
  return {
    look(key) {
      const found = entries.get(key);
      if (found !== undefined) {
        entries.delete(key);
        entries.set(key, found);
        return { hit: true, droppedBytes: 0 };
      }
      if (most === 0) {
        return { hit: false, droppedBytes: 0 };
      }
      const droppedBytes = dropTo(most - 1);
      const entry = Buffer.allocUnsafeSlow(entryBytes);
      touchPages(entry);
      entries.set(key, entry);
      return { hit: false, droppedBytes };
    },
    size: () => ({ entries: entries.size, bytes: entries.size * entryBytes }),
  };
}
