/** What one round of taking, touching and giving back memory met, in milliseconds. */
export interface FaultRound {
  rounds: number;
  p50Ms: number;
  p999Ms: number;
  maxMs: number;
  overOneMs: number;
}

const pageBytes = 4096;
const pages = 256;

/** ES2024, and in Node since 20; the library that we compile against does not know it yet. */
const ResizableBuffer = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(length: number): void };

/**
 * Resizing an ArrayBuffer maps and unmaps its pages (mprotect and madvise), and the first touch of each faults:
 * all of it waits for the lock of the process's memory map, which a reader of smaps_rollup holds.
 */
export function faultRound(durationMs: number): FaultRound {
  const buffer = new ResizableBuffer(0, { maxByteLength: pages * pageBytes });
  const bytes = new Uint8Array(buffer);
  const tookMs: number[] = [];
  const endMs = performance.now() + durationMs;
  for (let nowMs = performance.now(); nowMs < endMs; ) {
    buffer.resize(pages * pageBytes);
    for (let at = 0; at < bytes.length; at += pageBytes) {
      bytes[at] = 1;
    }
    buffer.resize(0);
    const afterMs = performance.now();
    tookMs.push(afterMs - nowMs);
    nowMs = afterMs;
  }
  const sorted = Float64Array.from(tookMs).sort();
  const at = (ratio: number): number => sorted[Math.min(sorted.length - 1, Math.floor(ratio * sorted.length))] ?? 0;
  return {
    rounds: sorted.length,
    p50Ms: at(0.5),
    p999Ms: at(0.999),
    maxMs: at(1),
    overOneMs: sorted.filter((ms) => ms > 1).length,
  };
}
