/** A window begins with the slice in which it begins, so that it holds up to 1/400 more. */
const slicesPerWindow = 400;
/** Edges of the buckets rise by 2 %, so that a quantile is told to 1 %. */
const edgeRatio = 1.02;

function bucketOf(latencyMs: number): number {
  return Number.isFinite(latencyMs)
    ? Math.round(Math.log(Math.max(latencyMs, 0.01)) / Math.log(edgeRatio))
    : Number.POSITIVE_INFINITY;
}

interface Slice {
  lastMs: number;
  ended: number;
  failed: number;
  /** Ended requests by bucket of their latency; a slice of a steady load has few of them. */
  latencies: Map<number, number>;
  /** By bound: those above it. */
  slow: Map<number, number>;
}

interface EndedSums {
  ended: number;
  failed: number;
  /** By bound: how many latencies are above it, exactly. */
  slow: ReadonlyMap<number, number>;
  /** Nearest rank, to 1 %; Infinity where it is a failure, NaN of nothing. */
  p95Ms: number;
}

function count(counts: Map<number, number>, key: number, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

/**
 * Requests that ended in the last while, as counts in slices of time: as much memory for thousands a second as for
 * one. A latency of Infinity is a failure.
 */
export class EndedWindow {
  readonly #sliceMs: number;
  readonly #boundsMs: readonly number[];
  /** By number; slots of a load end in any order within a slice. */
  readonly #slices = new Map<number, Slice>();

  constructor(windowMs: number, boundsMs: readonly number[]) {
    this.#sliceMs = windowMs / slicesPerWindow;
    this.#boundsMs = boundsMs;
  }

  add(endMs: number, latencyMs: number): void {
    const slice = this.#sliceAt(endMs);
    slice.lastMs = Math.max(slice.lastMs, endMs);
    slice.ended += 1;
    slice.failed += Number.isFinite(latencyMs) ? 0 : 1;
    count(slice.latencies, bucketOf(latencyMs), 1);
    for (const boundMs of this.#boundsMs) {
      count(slice.slow, boundMs, latencyMs > boundMs ? 1 : 0);
    }
  }

  forget(beforeMs: number): void {
    for (const [number, { lastMs }] of this.#slices) {
      if (lastMs < beforeMs) {
        this.#slices.delete(number);
      }
    }
  }

  since(fromMs: number): EndedSums {
    const slow = new Map<number, number>();
    const latencies = new Map<number, number>();
    let ended = 0;
    let failed = 0;
    for (const slice of this.#slices.values()) {
      if (slice.lastMs >= fromMs) {
        ended += slice.ended;
        failed += slice.failed;
        addAll(latencies, slice.latencies);
        addAll(slow, slice.slow);
      }
    }
    return { ended, failed, slow, p95Ms: p95Of(latencies, ended) };
  }

  #sliceAt(endMs: number): Slice {
    const number = Math.floor(endMs / this.#sliceMs);
    let slice = this.#slices.get(number);
    if (slice === undefined) {
      slice = { lastMs: endMs, ended: 0, failed: 0, latencies: new Map(), slow: new Map() };
      this.#slices.set(number, slice);
    }
    return slice;
  }
}

function addAll(sums: Map<number, number>, counts: ReadonlyMap<number, number>): void {
  for (const [key, more] of counts) {
    count(sums, key, more);
  }
}

function p95Of(latencies: ReadonlyMap<number, number>, ended: number): number {
  let left = Math.ceil(ended * 0.95);
  for (const [bucket, many] of [...latencies].sort(([a], [b]) => a - b)) {
    left -= many;
    if (left <= 0) {
      return Number.isFinite(bucket) ? edgeRatio ** bucket : bucket;
    }
  }
  return Number.NaN;
}
