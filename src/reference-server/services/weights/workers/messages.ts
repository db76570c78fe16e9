import type { CacheSize } from '../prompt-cache.ts';

/** What a replica is started with, as one JSON argument. */
export interface ReplicaSetup {
  entryBytes: number;
  /** null = no limit. */
  cacheBytes: number | null;
}

/** `key`: the digest of the prompt. */
export interface ToReplica {
  type: 'look';
  id: number;
  key: string;
}

export type FromReplica = { type: 'ready' } | { type: 'looked'; id: number; hit: boolean; size: CacheSize };
