import type { DeviceTotals } from './device/device.ts';
import { type Counter, createCounter } from './metrics.ts';
import type { Pool } from './pool.ts';
import type { Spool } from './spool.ts';

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

/** What the routes share. */
export interface ServerState {
  pool: Pool;
  spool: Spool;
  uploads: UploadsInFlight;
  maxQueue: number;
  device(): DeviceTotals | null;
  counters: ReturnType<typeof createCounters>;
  /** Transcription requests whose reply is not out. */
  inFlight: number;
}

export function createCounters(): { requests: Counter; byRoute: Counter; refused: Counter } {
  return { requests: createCounter(), byRoute: createCounter(), refused: createCounter() };
}
