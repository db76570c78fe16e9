import { quantile } from '../base/statistics.ts';
import { formatDuration, formatShare } from '../base/units.ts';
import type { ClientSelf, RunEvent } from '../model/artifacts.ts';
import type { Finding } from '../model/detector.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RequestRecord } from '../model/record.ts';
import type { LatencySummary } from '../model/result.ts';
import type { Validity, ValidityCode } from '../model/validity.ts';
import { fullBefore, fullBeforeLoad, levelOf } from './full-before-load.ts';
import { noSuccess } from './no-success.ts';
import { isWatched, recordsUnusable } from './watched.ts';

interface Reason {
  code: ValidityCode;
  sentence: string;
}

/** How a reason begins whose cause is our own side of the run. */
const heldUp = 'The load generator (bench itself) was held up';

const missedRatio = 0.02;
const latenessFloorMs = 25;
const latenessRatio = 0.02;
/**
 * A loop that is held up longer than this stamps its times too late to be believed. Each reading is
 * itself a 99th percentile, so one of them alone is a single collection of garbage.
 */
const eventLoopLagMs = 100;
/** A connection that never left this host (connect(2), socket(2)). */
const ownRefusals: ReadonlySet<string> = new Set(['emfile', 'enfile', 'eaddrnotavail', 'enobufs', 'enomem']);
/**
 * Without a step of its own in the manifest (an older bench, a watched command), the wall clock counts from before the
 * first stage until after the last: it may be ahead, never behind.
 */
const clockStepMs = 1000;

export interface ValidityInput {
  manifest: Manifest;
  records: readonly RequestRecord[];
  events: readonly RunEvent[];
  client: ClientSelf;
  latencyMs: LatencySummary;
  /** What explains that nothing was answered (PROTOCOL 6.4). */
  findings: readonly Finding[];
  /** null: the target's memory was observed. */
  targetUnobserved: string | null;
}

/** Was it measured rightly? Each reason is a sentence; none of them judges the target. */
export function validity(input: ValidityInput): Required<Validity> {
  const found = [sending, success, imported, accounting, sampling, generator, clock, surroundings].flatMap((check) =>
    check(input),
  );
  return {
    state: found.length === 0 ? 'valid' : 'invalid',
    reasons: found.map(({ sentence }) => sentence),
    codes: found.map(({ code }) => code),
  };
}

function sending({ manifest }: ValidityInput): Reason[] {
  return manifest.engine.id === 'simulated'
    ? [
        {
          code: 'simulated',
          sentence: 'Nothing was sent: the simulated engine answers by its own model of a server.',
        },
      ]
    : [];
}

function success(input: ValidityInput): Reason[] {
  const sentence = noSuccess(input);
  return sentence === null ? [] : [{ code: 'no-success', sentence }];
}

/** Who names a file of requests wants them judged: a run without them must not look as if nothing had been sent. */
function imported({ manifest }: ValidityInput): Reason[] {
  return manifest.notObserved
    .filter(({ what }) => what === recordsUnusable)
    .map(({ why }) => ({
      code: 'requests-unknown',
      sentence: `The requests of this load are not known: ${why.replace(/\.$/, '')}.`,
    }));
}

function accounting({ manifest, records }: ValidityInput): Reason[] {
  const { measured } = manifest;
  if (measured === null) {
    return [{ code: 'not-ended', sentence: 'Gathering did not end by itself: the planned requests are not known.' }];
  }
  const reasons: Reason[] = [];
  if (records.length !== measured.planned) {
    reasons.push({
      code: 'miscounted',
      sentence: `${measured.planned} requests were planned, but ${records.length} outcomes were recorded.`,
    });
  }
  const sorted = Float64Array.from(records, ({ seq }) => seq).sort();
  const distinct = sorted.reduce((count, seq, place) => (seq === sorted[place - 1] ? count : count + 1), 0);
  if (distinct !== records.length) {
    reasons.push({ code: 'recorded-twice', sentence: `${records.length - distinct} requests were recorded twice.` });
  }
  return reasons;
}

function sampling({ events, client }: ValidityInput): Reason[] {
  const reasons: Reason[] = [];
  const { expectedSamples, missedSamples } = client;
  const missed =
    expectedSamples === null || missedSamples === null ? null : missedSamples / Math.max(1, expectedSamples);
  if (missed !== null && missed > missedRatio) {
    reasons.push({
      code: 'samples-missing',
      sentence: `${client.missedSamples} of ${client.expectedSamples} samples are missing (${formatShare(missed)}, at most ${formatShare(missedRatio)}).`,
    });
  }
  const lost = events.find((event) => event.kind === 'sampler_lost');
  if (lost !== undefined) {
    reasons.push({
      code: 'sampler-lost',
      sentence: `The sampler was lost at ${formatDuration(lost.tMs)}: ${lost.detail}`,
    });
  }
  return reasons;
}

/**
 * The highest percentile that so many requests support: below, it is just the latest one, and a
 * single pause of the host would speak for the generator. Least counts at 99 % confidence without
 * one over the limit, as in MLPerf's early stopping (PROTOCOL 6.2).
 */
function supportedShare(count: number): number {
  if (count >= 459) {
    return 0.99;
  }
  return count >= 90 ? 0.95 : 0.9;
}

function generator({ manifest, client, latencyMs, records }: ValidityInput): Reason[] {
  if (isWatched(manifest)) {
    // Nothing was sent from here, so nothing of it can have been late (PROTOCOL 6.3).
    return [];
  }
  const reasons: Reason[] = [];
  const unopened = records.filter(({ errorCode }) => errorCode !== null && ownRefusals.has(errorCode)).length;
  if (unopened > 0) {
    reasons.push({
      code: 'own-resources',
      sentence: `${unopened} requests were refused by the harness's own host, not by the target: it had no descriptor, port or buffer left (raise ulimit -n, or ask for fewer at once).`,
    });
  }
  const share = supportedShare(client.latenessMs.length);
  const lateness = quantile(client.latenessMs, share);
  const allowed = Math.max(latenessFloorMs, latenessRatio * (latencyMs.p50 ?? 0));
  if (lateness !== null && lateness > allowed) {
    reasons.push({
      code: 'late-requests',
      sentence: `${heldUp}: ${Math.round(100 * (1 - share))} % of the requests were sent ${formatDuration(lateness)} late or more (at most ${formatDuration(allowed)}).`,
    });
  }
  const lag = quantile(client.eventLoopLagMs.values, 0.95);
  if (lag !== null && lag > eventLoopLagMs) {
    reasons.push({
      code: 'event-loop-lag',
      sentence: `${heldUp}: its event loop lagged ${formatDuration(lag)} or more in 5 % of the readings (at most ${formatDuration(eventLoopLagMs)}).`,
    });
  }
  return reasons;
}

function clock({ manifest }: ValidityInput): Reason[] {
  const { startedAt, endedAt, measured } = manifest;
  if (endedAt === null || measured === null) {
    return [];
  }
  const { clockStepMs: steppedMs } = measured;
  if (steppedMs !== undefined) {
    return Math.abs(steppedMs) < clockStepMs
      ? []
      : [
          {
            code: 'clock-step',
            sentence:
              steppedMs < 0
                ? `The wall clock stepped back by ${formatDuration(-steppedMs)} during the run.`
                : `The wall clock gained ${formatDuration(steppedMs)} during the run: it was set, or the host slept.`,
          },
        ];
  }
  const wallMs = Date.parse(endedAt) - Date.parse(startedAt);
  return wallMs < measured.endMs - clockStepMs
    ? [
        {
          code: 'clock-step',
          sentence: `The wall clock stepped back by ${formatDuration(measured.endMs - wallMs)} during the run.`,
        },
      ]
    : [];
}

function surroundings({ manifest, events, records, targetUnobserved }: ValidityInput): Reason[] {
  const reasons: Reason[] = [];
  const stop = events.find((event) => event.kind === 'guard_stop' && event.subject !== 'target');
  if (stop !== undefined) {
    reasons.push({
      code: 'guard-stop',
      sentence: `The guard stopped the load for another cause than the target: ${stop.detail}.`,
    });
  }
  const full = fullBeforeLoad({ manifest, records, events });
  if (full !== null) {
    reasons.push({
      code: 'full-before-load',
      sentence: `${fullBefore} ${levelOf(full.detail)}: restart it, or wait until its memory has come back. Nothing was sent.`,
    });
  }
  if (targetUnobserved !== null && isLocal(manifest.target.url)) {
    reasons.push({
      code: 'target-unobserved',
      sentence: `The target is on this host, but its memory was not observed: ${targetUnobserved}.`,
    });
  }
  return reasons;
}

function isLocal(url: string): boolean {
  return /^[a-z]+:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(url);
}
