import { type Counter, createCounter } from '../../metrics.ts';
import type { Spool } from '../../spool.ts';
import type { Pool } from './pool.ts';

/** Uploads under way, by announced and received bytes. */
export interface UploadsInFlight {
  /** Registers one; call the returned function when it is over. */
  begin(announcedBytes: number, receivedBytes: () => number): () => void;
  count(): number;
  /** Announced bytes of the largest, and announced bytes not yet received of all. */
  sizes(): { largestBytes: number; pendingBytes: number };
}

export function createUploadsInFlight(): UploadsInFlight {
  const uploads = new Set<{ announcedBytes: number; receivedBytes: () => number }>();
  return {
    begin(announcedBytes, receivedBytes) {
      const upload = { announcedBytes, receivedBytes };
      uploads.add(upload);
      return () => uploads.delete(upload);
    },
    count: () => uploads.size,
    sizes: () => ({
      largestBytes: Math.max(0, ...[...uploads].map((upload) => upload.announcedBytes)),
      pendingBytes: [...uploads].reduce(
        (sum, upload) => sum + Math.max(0, upload.announcedBytes - upload.receivedBytes()),
        0,
      ),
    }),
  };
}

/** What the route and the gauges share. */
export interface SpeechState {
  pool: Pool;
  spool: Spool;
  uploads: UploadsInFlight;
  maxQueue: number;
  byRoute: Counter;
  refused: Counter;
  /** Transcription requests whose reply is not out. */
  inFlight: number;
}

export function createSpeechState(
  spool: Spool,
  maxQueue: number,
  createPool: (uploads: UploadsInFlight['sizes']) => Pool,
): SpeechState {
  const uploads = createUploadsInFlight();
  return {
    pool: createPool(uploads.sizes),
    spool,
    uploads,
    maxQueue,
    byRoute: createCounter(),
    refused: createCounter(),
    inFlight: 0,
  };
}
