import { theilSen } from './statistics.ts';

/** One question and its answer: sent and received on our clock, stamped on the other one between the two. */
export interface ClockExchange {
  sentMs: number;
  otherMs: number;
  receivedMs: number;
}

/** The line between two clocks: other = ours + offset + drift x ours. */
export interface ClockLine {
  /** Other minus ours, at our time 0. */
  offsetMs: number;
  /** Positive: the other clock is the faster one. 0 while the exchanges span too little to tell. */
  driftPpm: number;
  /** Half of the shortest round trip: at that exchange the true offset lay within. */
  uncertaintyMs: number;
  exchanges: number;
}

/** Learns how another host's clock runs beside ours, exchange by exchange. */
export interface ClockJoiner {
  /** False if the exchange cannot have happened so: a time that is not finite, or one that ran backwards. */
  add(exchange: ClockExchange): boolean;
  /** A time of the other clock on ours; null before the first exchange. */
  toOurMs(otherMs: number): number | null;
  /** null before the first exchange. */
  line(): ClockLine | null;
}

interface Anchor {
  otherMs: number;
  offsetMs: number;
  roundTripMs: number;
}

const recentCount = 64;
/** Pairs of anchors grow with the square; 60 of them are fitted in half a millisecond. */
const maxAnchors = 60;
const firstBlockMs = 1000;
/** Over less a jitter of 0.2 ms looks like a drift of 10 ppm. */
const minDriftSpanMs = 30_000;
/** What a clock may drift beside the one we know: PHI of RFC 5905 once a drift is fitted, before that a bad crystal. */
const residualDrift = 15e-6;
const unknownDrift = 100e-6;
/** RFC 5905 gives a clock up for broken above 500 ppm. */
const maxDrift = 500e-6;

/** Offset and round trip of RFC 5905, section 8, with T2 = T3: the other side answers at once. */
function anchorOf({ sentMs, otherMs, receivedMs }: ClockExchange): Anchor {
  return { otherMs, offsetMs: otherMs - (sentMs + receivedMs) / 2, roundTripMs: receivedMs - sentMs };
}

/** Of each block of time the exchange with the shortest round trip; blocks double as the run grows. */
class Blocks {
  #blockMs = firstBlockMs;
  #anchors: Anchor[] = [];

  get anchors(): readonly Anchor[] {
    return this.#anchors;
  }

  add(anchor: Anchor): void {
    this.#keepShortest(anchor);
    while (this.#anchors.length > maxAnchors) {
      this.#blockMs *= 2;
      const before = this.#anchors;
      this.#anchors = [];
      for (const kept of before) {
        this.#keepShortest(kept);
      }
    }
  }

  #keepShortest(anchor: Anchor): void {
    const last = this.#anchors.at(-1);
    const block = ({ otherMs }: Anchor): number => Math.floor(otherMs / this.#blockMs);
    if (last === undefined || block(last) !== block(anchor)) {
      this.#anchors.push(anchor);
    } else if (anchor.roundTripMs <= last.roundTripMs) {
      this.#anchors[this.#anchors.length - 1] = anchor;
    }
  }
}

/** null while the anchors span too little. */
function driftOf(anchors: readonly Anchor[]): number | null {
  const [first] = anchors;
  const last = anchors.at(-1);
  if (first === undefined || last === undefined || last.otherMs - first.otherMs < minDriftSpanMs) {
    return null;
  }
  const fit = theilSen(
    anchors.map(({ otherMs }) => otherMs - first.otherMs),
    anchors.map(({ offsetMs }) => offsetMs - first.offsetMs),
  );
  return fit === null ? null : Math.min(maxDrift, Math.max(-maxDrift, fit.slope));
}

/**
 * exchange -> offset, round trip -> shortest of each block -> drift (Theil-Sen)
 *
 * A time is joined by the exchange that bounds it best: half its round trip, plus what a clock
 * may have drifted since. So a slow exchange never counts beside a quick one of the same minute,
 * and a time inside an outage is joined by the exchanges on both sides of it.
 */
export function createClockJoiner(): ClockJoiner {
  const blocks = new Blocks();
  let recent: Anchor[] = [];
  let drift: number | null = null;
  let exchanges = 0;
  let latestOtherMs = Number.NEGATIVE_INFINITY;
  let shortestMs = Number.POSITIVE_INFINITY;

  const offsetAt = (otherMs: number): number | null => {
    const perMs = drift === null ? unknownDrift : residualDrift;
    let best: Anchor | null = null;
    let bestBoundMs = Number.POSITIVE_INFINITY;
    for (const anchor of [...blocks.anchors, ...recent]) {
      const boundMs = anchor.roundTripMs / 2 + perMs * Math.abs(otherMs - anchor.otherMs);
      if (boundMs <= bestBoundMs) {
        best = anchor;
        bestBoundMs = boundMs;
      }
    }
    return best === null ? null : best.offsetMs + (drift ?? 0) * (otherMs - best.otherMs);
  };

  return {
    add(exchange) {
      const anchor = anchorOf(exchange);
      const isPossible = Number.isFinite(anchor.offsetMs) && anchor.roundTripMs >= 0 && anchor.otherMs >= latestOtherMs;
      if (!isPossible) {
        return false;
      }
      latestOtherMs = anchor.otherMs;
      shortestMs = Math.min(shortestMs, anchor.roundTripMs);
      exchanges += 1;
      recent = [...recent, anchor].slice(-recentCount);
      blocks.add(anchor);
      drift = driftOf(blocks.anchors);
      return true;
    },
    toOurMs(otherMs) {
      const offsetMs = offsetAt(otherMs);
      return offsetMs === null ? null : otherMs - offsetMs;
    },
    line() {
      // At our time 0 the other clock shows the offset itself, which the first exchange tells well enough to look it up.
      const nearMs = recent[0]?.offsetMs;
      const offsetMs = nearMs === undefined ? null : offsetAt(offsetAt(nearMs) ?? nearMs);
      return offsetMs === null
        ? null
        : { offsetMs, driftPpm: (drift ?? 0) * 1e6, uncertaintyMs: shortestMs / 2, exchanges };
    },
  };
}
