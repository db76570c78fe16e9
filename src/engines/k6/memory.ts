import { formatBytes } from '../../base/units.ts';

/** What k6 must hold at once for one stage. */
export interface K6Demand {
  /** Bodies of distinct items, encoded as they are sent. */
  corpusBytes: number;
  largestBytes: number;
  /** Most requests in flight, each in a VU of its own. */
  vus: number;
}

// PROTOCOL 11.1. Measured with k6 v2.2.0: an idle process, a VU with this script, and how often k6 holds a body: the file twice for
// all VUs together, and for each request in flight what the script reads, what is sent, and what is not yet collected.
const idleBytes = 60e6;
const vuBytes = 0.7e6;
const copiesOfCorpus = 2;
const copiesInFlight = 4;

/** A k6 that needs more is refused: what it cannot stream should not push other processes out of memory. */
export const mostBytes = 2e9;

export function estimatedBytes({ corpusBytes, largestBytes, vus }: K6Demand): number {
  return idleBytes + vus * vuBytes + copiesOfCorpus * corpusBytes + copiesInFlight * vus * largestBytes;
}

/** Why k6 cannot take a stage, with the numbers; null if it can. */
export function overCap(demand: K6Demand): string | null {
  const bytes = estimatedBytes(demand);
  return bytes <= mostBytes
    ? null
    : `k6 holds bodies in memory: ${formatBytes(demand.corpusBytes)} of them with ${demand.vus} VUs take about ${formatBytes(bytes)}, at most ${formatBytes(mostBytes)}`;
}
