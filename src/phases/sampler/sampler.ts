import type { Clock } from '../../base/clock.ts';
import { type EventKind, eventKinds } from '../../model/artifacts.ts';
import type { OpenProbe, Sample, Tick } from '../../model/probe.ts';

export interface SampleBatch {
  tMs: number;
  stage: string;
  /** late: more than half an interval after its deadline. */
  quality: 'ok' | 'late';
  samples: OwnedSample[];
}

/** A sample, and which probe read it. */
export type OwnedSample = Sample & { probe: string };

export interface SamplerEvent {
  tMs: number;
  kind: EventKind;
  subject: string;
  detail: string;
}

/** How the clock of another host was joined to the run's: tRun = tAgent - offset, drifting. */
export interface ClockJoin {
  offsetMs: number;
  driftPpm: number;
  /** Half of the shortest round trip: the true offset lies within (RFC 5905, section 8). */
  uncertaintyMs: number;
  exchanges: number;
}

export interface SamplerSummary {
  /** null: the sampler ran on this host and shares its clock. */
  clock: ClockJoin | null;
  expectedSamples: number;
  missedSamples: number;
  costMs: { p50: number | null; p99: number | null };
  cpuSeconds: number;
  rssPeakBytes: number;
}

export interface SamplerOptions {
  clock: Clock;
  probes: readonly { id: string; open: OpenProbe }[];
  intervalMs: number;
  tick(): Omit<Tick, 'tMs'>;
  emit(batch: SampleBatch): void;
  onEvent?(event: SamplerEvent): void;
  /** Own cost as samples of `client` / `sampler`; off in the process whose cost a probe already reads. */
  publishesCost?: boolean;
  signal: AbortSignal;
}

/** Settles when the signal is aborted; the probes are closed then. */
export type Sampler = Promise<SamplerSummary> & {
  /** Counts from the last deadline, so a shorter interval takes effect at once. */
  setIntervalMs(intervalMs: number): void;
};

/** What the sampler tells of itself beside the cost of a sample (PROTOCOL 4.9); less than a second, so that no early tick skips its turn. */
const ownUseEveryMs = 950;

function isEventKind(kind: string): kind is EventKind {
  return (eventKinds as readonly string[]).includes(kind);
}

/** Nearest rank; null of nothing. */
function quantile(sorted: readonly number[], ratio: number): number | null {
  return sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)] ?? null;
}

/** null where the platform does not tell, as a Linux without /proc. */
function ownRssBytes(): number | null {
  try {
    return process.memoryUsage.rss();
  } catch {
    return null;
  }
}

/**
 * deadline k = anchor + k x interval -> read every probe in order -> emit -> own cost -> deadline k + 1
 *
 * Deadlines are absolute, so lateness does not add up. Those that have passed by the time
 * a tick is done are counted as missed and never made up for (PROTOCOL 4.11): two readings at once say nothing new.
 */
export function createSampler(options: SamplerOptions): Sampler {
  const { clock, signal } = options;
  let intervalMs = options.intervalMs;
  let deadlineMs = clock.nowMs();
  let lastDeadlineMs = deadlineMs;
  let waiting = new AbortController();
  // One listener for the whole run: a combined signal for every tick would stay with `signal` until its end.
  signal.addEventListener('abort', () => {
    waiting.abort();
  });
  let expectedSamples = 0;
  let missedSamples = 0;
  let rssPeakBytes = 0;
  let ownUseMs = Number.NEGATIVE_INFINITY;
  const costsMs: number[] = [];
  const lastSeen = new Map<string, readonly Sample[]>();

  const readProbe = async (id: string, open: OpenProbe, tick: Tick): Promise<Sample[]> => {
    try {
      const { samples, events } = await open.read(tick);
      for (const event of events) {
        if (isEventKind(event.kind)) {
          options.onEvent?.({ tMs: tick.tMs, kind: event.kind, subject: event.subject, detail: event.detail });
        }
      }
      if (samples.length > 0) {
        lastSeen.set(id, samples);
      }
      return samples;
    } catch {
      // What it gave before is missing now; the readings of the other probes still count.
      return (lastSeen.get(id) ?? []).map((sample) => ({ ...sample, value: null }));
    }
  };

  const ownCost = (tMs: number, costMs: number, samples: OwnedSample[]): void => {
    const tell = (metric: string, value: number | null): void => {
      samples.push({ scope: 'client', instance: 'sampler', metric, value, probe: 'sampler' });
    };
    if (tMs - ownUseMs >= ownUseEveryMs) {
      ownUseMs = tMs;
      const { user, system } = process.cpuUsage();
      const rssBytes = ownRssBytes();
      rssPeakBytes = Math.max(rssPeakBytes, rssBytes ?? 0);
      tell('rss_bytes', rssBytes);
      tell('cpu_seconds', (user + system) / 1e6);
    }
    tell('read_cost_ms', costMs);
  };

  const readAll = async (): Promise<void> => {
    const startedMs = clock.nowMs();
    const latenessMs = startedMs - deadlineMs;
    const isLate = latenessMs > intervalMs / 2;
    const tick: Tick = { ...options.tick(), tMs: startedMs };
    const missed = Math.floor(latenessMs / intervalMs);
    expectedSamples += 1 + missed;
    missedSamples += missed;
    const samples: OwnedSample[] = [];
    for (const { id, open } of options.probes) {
      for (const sample of await readProbe(id, open, tick)) {
        // In place: copying several hundred samples a tick costs more than reading some of them.
        const owned = sample as OwnedSample;
        owned.probe = id;
        samples.push(owned);
      }
    }
    if (isLate) {
      const detail = `${latenessMs.toFixed(0)} ms after its deadline, ${missed} samples missed`;
      options.onEvent?.({ tMs: startedMs, kind: 'gap', subject: 'sampler', detail });
    }
    const costMs = clock.nowMs() - startedMs;
    costsMs.push(costMs);
    if (options.publishesCost === true) {
      ownCost(startedMs, costMs, samples);
    }
    lastDeadlineMs = deadlineMs + missed * intervalMs;
    options.emit({ tMs: startedMs, stage: tick.stage, quality: isLate ? 'late' : 'ok', samples });
  };

  const sleep = async (): Promise<void> => {
    deadlineMs = lastDeadlineMs + intervalMs;
    while (clock.nowMs() < deadlineMs && !signal.aborted) {
      if (waiting.signal.aborted) {
        waiting = new AbortController();
      }
      await clock.sleepUntil(deadlineMs, waiting.signal);
      // A change of the interval during the sleep moves the deadline.
      deadlineMs = lastDeadlineMs + intervalMs;
    }
  };

  const run = async (): Promise<SamplerSummary> => {
    while (!signal.aborted) {
      await readAll();
      await sleep();
    }
    await Promise.all(options.probes.map(({ open }) => open.close()));
    const sorted = costsMs.toSorted((a, b) => a - b);
    const { user, system } = process.cpuUsage();
    return {
      clock: null,
      expectedSamples,
      missedSamples,
      costMs: { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) },
      cpuSeconds: (user + system) / 1e6,
      rssPeakBytes: Math.max(rssPeakBytes, ownRssBytes() ?? process.resourceUsage().maxRSS * 1024),
    };
  };

  return Object.assign(run(), {
    setIntervalMs(next: number) {
      if (next !== intervalMs) {
        // Without this a shorter interval would find deadlines in the past and call them missed.
        lastDeadlineMs = Math.max(lastDeadlineMs, clock.nowMs() - next);
        intervalMs = next;
        waiting.abort();
      }
    },
  });
}
