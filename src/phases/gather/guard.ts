import { type LineFit, theilSen } from '../../base/statistics.ts';
import { formatBytes, formatClock, formatDuration, formatShare } from '../../base/units.ts';
import { timeToLimit, whyNoTrend } from '../../computed/growth.ts';
import { isOwnGroup } from '../../computed/own-group.ts';
import type { Sample } from '../../model/probe.ts';
import { type GuardReading, guardReading } from './guard-reading.ts';

/** A fit of fewer samples has an interval that says nothing. */
const minimumPoints = 12;
/** At most so many, as the fit looks at every pair. */
const maximumPoints = 120;
/** One minute at the usual interval of one second; a shortened profile samples faster. */
const windowIntervals = 60;
/** A worker that loads is over sooner than this. */
const recentIntervals = 12;
/** A rise is told to a user only once it has lasted longer than a worker usually loads. */
const trendIntervals = 30;
/** A tick may come a little early. */
const trendSpacingRatio = 0.9;
/** Below this share of the limit a steep line is a worker that loads, not the end. */
const projectionFromRatio = 0.85;
/** Stopping the load and the answers in flight take about this long. */
const longestReactionMs = 5000;
/** A story told in fewer seconds is sampled faster and reacts in as many samples. */
const reactionIntervals = 5;
const shortestIntervalMs = 100;
/** A rise that would reach the guard's level within so many intervals is looked at more closely, */
const quickIntervals = 4;
/** in fifths of the interval, */
const quickShare = 0.2;
/** and for so many intervals after it: a worker that loads rises in steps. */
const quickForIntervals = 2;
const hostReserveRatio = 0.05;
const hostReserveBytes = 512 * 1024 ** 2;
const harnessLimitBytes = 1.5 * 1024 ** 3;
/** Without load, memory that has come so near to the limit and still rises ends the watching too; */
const restRatio = 0.97;
/** nearer where the guard itself was set nearer, */
const restShare = 0.5;
/** and only above what was there when the load ended: that alone is no rise. */
const restRiseRatio = 0.01;
/** 98 %, as in the rule for the time to the limit. */
const projectionZ = 2.326;

export interface GuardStop {
  reason: string;
  /** false: the harness or its host ran short, which says nothing about the target. */
  isTargetLimit: boolean;
  projectedMsToLimit: number | null;
}

export interface GuardGauge {
  usedBytes: number | null;
  limitBytes: number | null;
  /** Median projection; null unless a rise has lasted and passes the gates: a worker that loads is none. */
  etaMs: number | null;
}

export interface Guard {
  /** One tick of the sampler. Answers once, and null ever after. */
  observe(samples: readonly Sample[], tMs: number): GuardStop | null;
  /** Shorter when the limit may be near (PROTOCOL 4.3). */
  nextIntervalMs(): number;
  gauge(): GuardGauge;
  /** After a stop whose load is over: a later one is told again, by what is read from now on. */
  rearm(): void;
  /** After a stop that ended the load for good: told again only if memory goes on rising without it (PROTOCOL 7.3.1). */
  rest(): void;
}

/**
 * sample -> level (the highest since the last tick) -> level >= ratio x limit        -> stop
 *                                                   -> 85 % and ETA < 5 intervals     -> stop
 *        -> the host or the harness itself runs short                                 -> stop, not the target's
 * `ratio` null turns the target's limit off; the host stays guarded (PROTOCOL 7.3).
 */
export function createGuard(options: { ratio: number | null; baseIntervalMs: number }): Guard {
  const reactionMs = Math.min(longestReactionMs, reactionIntervals * options.baseIntervalMs);
  const timesMs: number[] = [];
  const levels: number[] = [];
  // At the usual interval, since near the limit the samples are too close for a window of their number to last.
  const trend: { tMs: number; level: number }[] = [];
  let ownsGroup: boolean | null = null;
  let limitBytes: number | null = null;
  let usedBytes: number | null = null;
  let eta: { etaMs: number | null; lowerMs: number | null } = { etaMs: null, lowerMs: null };
  let stopped = false;
  let tmpfsBaseBytes: number | null = null;
  let chargedBaseBytes: number | null = null;
  let quickUntilMs = Number.NEGATIVE_INFINITY;
  let restFromBytes: number | null = null;

  // A fit needs twelve samples; what climbs within two of them must be seen at once.
  const watchRise = (tMs: number, level: number): void => {
    const [beforeMs, before] = [timesMs.at(-1), levels.at(-1)];
    if (beforeMs === undefined || before === undefined || limitBytes === null || level <= before) {
      return;
    }
    const leftBytes = Math.max(0, (options.ratio ?? 1) * limitBytes - level);
    const toGuardMs = (leftBytes * (tMs - beforeMs)) / (level - before);
    if (toGuardMs < quickIntervals * options.baseIntervalMs) {
      quickUntilMs = tMs + quickForIntervals * options.baseIntervalMs;
    }
  };
  const remember = (tMs: number, level: number): void => {
    timesMs.push(tMs);
    levels.push(level);
    const last = trend.at(-1);
    if (last === undefined || tMs - last.tMs >= trendSpacingRatio * options.baseIntervalMs) {
      trend.push({ tMs, level });
    } else {
      last.level = Math.max(last.level, level);
    }
    if (trend.length > windowIntervals) {
      trend.shift();
    }
    const fromMs = tMs - windowIntervals * options.baseIntervalMs;
    while (timesMs.length > maximumPoints || (timesMs.length > minimumPoints && (timesMs[0] ?? tMs) < fromMs)) {
      timesMs.shift();
      levels.shift();
    }
  };
  const fitSince = (fromMs: number): LineFit | null => {
    const start = Math.min(
      timesMs.findIndex((tMs) => tMs >= fromMs),
      timesMs.length - minimumPoints,
    );
    return start < 0 ? null : theilSen(timesMs.slice(start), levels.slice(start), projectionZ);
  };
  const project = (tMs: number): void => {
    // A rise that is proven by the latest samples alone must not be diluted by the rest before it.
    const recent = fitSince(tMs - recentIntervals * options.baseIntervalMs);
    const fit = recent !== null && recent.lowerSlope > 0 ? recent : fitSince(Number.NEGATIVE_INFINITY);
    eta = fit === null || limitBytes === null ? { etaMs: null, lowerMs: null } : timeToLimit(fit, limitBytes);
  };
  const hasTrend = (): boolean => {
    const lastedMs = (trend.at(-1)?.tMs ?? 0) - (trend[0]?.tMs ?? 0);
    return (
      lastedMs >= trendIntervals * options.baseIntervalMs &&
      whyNoTrend({
        tMs: Float64Array.from(trend, ({ tMs }) => tMs),
        values: Float64Array.from(trend, ({ level }) => level),
      }) === null
    );
  };
  // By the median slope: while a worker loads the interval's upper end is a limit reached at once.
  const targetStop = (level: number): GuardStop | null => {
    if (options.ratio === null || limitBytes === null) {
      return null;
    }
    const share = level / limitBytes;
    const of = `${formatBytes(level)} of ${formatBytes(limitBytes)} (${formatShare(share)})`;
    if (restFromBytes !== null) {
      const bound = Math.max(restRatio, 1 - restShare * (1 - options.ratio));
      return share >= bound && level >= restFromBytes + restRiseRatio * limitBytes
        ? {
            reason: `memory is at ${of} and rises though the load has ended`,
            isTargetLimit: true,
            projectedMsToLimit: eta.etaMs,
          }
        : null;
    }
    if (share >= options.ratio) {
      return {
        reason: `memory is at ${of}; the guard stops at ${formatShare(options.ratio)}`,
        isTargetLimit: true,
        projectedMsToLimit: eta.etaMs,
      };
    }
    if (share >= projectionFromRatio && eta.etaMs !== null && eta.etaMs < reactionMs) {
      return {
        reason: `memory is at ${of} and reaches the limit in ${formatDuration(eta.etaMs)}`,
        isTargetLimit: true,
        projectedMsToLimit: eta.etaMs,
      };
    }
    return null;
  };

  return {
    observe(samples, tMs) {
      const reading = guardReading(samples);
      const { group } = reading;
      if (ownsGroup === null && group !== null && reading.treeAnonBytes !== null) {
        ownsGroup = isOwnGroup(group.anonBytes, reading.treeAnonBytes);
      }
      if (group !== null || reading.memTotalBytes !== null) {
        limitBytes = lowest([group?.limitBytes ?? null, reading.memTotalBytes]) ?? limitBytes;
      }
      const inGroup = ownsGroup === true && group !== null && group.limitBytes !== null;
      tmpfsBaseBytes ??= reading.tmpfsBytes;
      chargedBaseBytes ??= reading.chargedBytes;
      // tmpfs is told for the whole host: what the group is not charged for is another's (PROTOCOL 1.2).
      const filesBytes = Math.min(
        (reading.tmpfsBytes ?? 0) - (tmpfsBaseBytes ?? 0),
        reading.chargedBytes === null ? Number.POSITIVE_INFINITY : reading.chargedBytes - (chargedBaseBytes ?? 0),
      );
      const sharedBytes = Math.max(reading.mappedSharedBytes, filesBytes);
      const treeBytes = reading.treeBytes === null ? null : reading.treeBytes + sharedBytes;
      const level = inGroup ? Math.max(group.usedBytes, group.peakBytes) : treeBytes;
      if (level !== null && level > 0) {
        usedBytes = inGroup ? group.usedBytes : level;
        watchRise(tMs, level);
        remember(tMs, level);
        project(tMs);
      }
      if (stopped) {
        return null;
      }
      const stop = (level === null ? null : targetStop(level)) ?? hostStop(reading);
      stopped = stop !== null;
      return stop;
    },
    nextIntervalMs() {
      const isQuick = (timesMs.at(-1) ?? Number.NEGATIVE_INFINITY) < quickUntilMs;
      const wished = Math.min(
        eta.lowerMs === null ? options.baseIntervalMs : 0.25 * eta.lowerMs,
        isQuick ? quickShare * options.baseIntervalMs : options.baseIntervalMs,
      );
      return Math.min(options.baseIntervalMs, Math.max(Math.min(shortestIntervalMs, options.baseIntervalMs), wished));
    },
    rearm() {
      stopped = false;
      for (const held of [timesMs, levels, trend]) {
        held.length = 0;
      }
      eta = { etaMs: null, lowerMs: null };
    },
    rest() {
      stopped = false;
      restFromBytes = levels.at(-1) ?? 0;
    },
    gauge: () => ({ usedBytes, limitBytes, etaMs: eta.etaMs !== null && hasTrend() ? eta.etaMs : null }),
  };
}

/** Of a run whose load the guard ended, and that went on without it. */
export function causeWithRest(cause: string | null, loadEndedMs: number, endMs: number): string {
  return `${cause ?? ''}; the load ended at ${formatClock(loadEndedMs)}, and the target was watched without load until ${formatClock(endMs)}`;
}

function hostStop(reading: GuardReading): GuardStop | null {
  const { memAvailableBytes, memTotalBytes, harnessRssBytes } = reading;
  const reserveBytes = Math.max(hostReserveRatio * (memTotalBytes ?? 0), hostReserveBytes);
  if (memAvailableBytes !== null && memAvailableBytes < reserveBytes) {
    return {
      reason: `the host has only ${formatBytes(memAvailableBytes)} left, less than ${formatBytes(reserveBytes)}`,
      isTargetLimit: false,
      projectedMsToLimit: null,
    };
  }
  if (harnessRssBytes !== null && harnessRssBytes > harnessLimitBytes) {
    return {
      reason: `the harness itself holds ${formatBytes(harnessRssBytes)}, more than ${formatBytes(harnessLimitBytes)}`,
      isTargetLimit: false,
      projectedMsToLimit: null,
    };
  }
  return null;
}

function lowest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
