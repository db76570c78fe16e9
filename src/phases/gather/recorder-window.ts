const windowMs = 10_000;
const sliceMs = 1000;
/** Edges of the buckets rise by 2 %, so that a quantile is told to 1 %: enough for what is looked at and not judged. */
const edgeRatio = 1.02;
const leastMs = 0.01;
const mostMs = 1e8;
const buckets = bucketOf(mostMs) + 1;

/** Latencies in buckets of a logarithmic scale; those beyond it count in the first and the last one. */
function bucketOf(latencyMs: number): number {
  const clamped = Math.min(mostMs, Math.max(leastMs, latencyMs));
  return Math.round(Math.log(clamped / leastMs) / Math.log(edgeRatio));
}

interface Slice {
  fromMs: number;
  /** Requests that were begun or given up before it. */
  offeredBefore: number;
  latencies: Uint32Array;
}

export interface WindowFigures {
  offeredPerSecond: number;
  achievedPerSecond: number;
  p95Ms: number | null;
}

/** The last ten seconds or, as the oldest slice is dropped as a whole, up to one more; some 50 KiB at any rate. */
export class LiveWindow {
  #slices: Slice[] = [{ fromMs: 0, offeredBefore: 0, latencies: new Uint32Array(buckets) }];

  add(latencyMs: number): void {
    const latencies = this.#slices.at(-1)?.latencies;
    const bucket = bucketOf(latencyMs);
    if (latencies !== undefined) {
      latencies[bucket] = (latencies[bucket] ?? 0) + 1;
    }
  }

  /** `offered`: requests that were begun or given up so far. */
  read(nowMs: number, offered: number): WindowFigures {
    // A slice ends where the next one begins.
    this.#slices = this.#slices.filter((_, index) => (this.#slices[index + 1]?.fromMs ?? nowMs) > nowMs - windowMs);
    const first = this.#slices[0];
    const counts = new Uint32Array(buckets);
    for (const { latencies } of this.#slices) {
      for (let bucket = 0; bucket < buckets; bucket += 1) {
        counts[bucket] = (counts[bucket] ?? 0) + (latencies[bucket] ?? 0);
      }
    }
    const answered = counts.reduce((sum, count) => sum + count, 0);
    const seconds = Math.max(nowMs - (first?.fromMs ?? nowMs), 1) / 1000;
    if (nowMs - (this.#slices.at(-1)?.fromMs ?? 0) >= sliceMs) {
      this.#slices.push({ fromMs: nowMs, offeredBefore: offered, latencies: new Uint32Array(buckets) });
    }
    return {
      offeredPerSecond: (offered - (first?.offeredBefore ?? 0)) / seconds,
      achievedPerSecond: answered / seconds,
      p95Ms: p95Of(counts, answered),
    };
  }
}

/** The nearest rank; null without any. */
function p95Of(counts: Uint32Array, answered: number): number | null {
  let left = Math.ceil(answered * 0.95);
  for (let bucket = 0; left > 0 && bucket < buckets; bucket += 1) {
    left -= counts[bucket] ?? 0;
    if (left <= 0) {
      return leastMs * edgeRatio ** bucket;
    }
  }
  return null;
}
