import { readFileSync } from 'node:fs';
import { comparabilityOf, seriesOf } from '../computed/gate/comparability.ts';
import type { GateInput, GateRun, Night } from '../computed/gate/decide.ts';
import { type GateConstants, gateConstantsSchema } from '../model/gate.ts';
import type { HistorySession } from '../model/history.ts';
import type { RunResult } from '../model/result.ts';
import { emptyResult } from './empty-result.ts';

/** As they are shipped. */
export function shippedConstants(): GateConstants {
  const text = readFileSync('profiles/gates.json', 'utf8');
  return gateConstantsSchema.parse(JSON.parse(text));
}

/** A sound run of the profile `nightly` that measured nothing but its peak. */
export function soundResult(over: Partial<RunResult> = {}): RunResult {
  const empty = emptyResult();
  return {
    ...empty,
    status: 'completed',
    validity: { state: 'valid', reasons: [] },
    profile: { ...empty.profile, name: 'nightly' },
    ...over,
  };
}

const sound = soundResult();
const comparability = comparabilityOf(sound, 'tested');
/** All nights of this file are of it. */
export const testedSeries = seriesOf('nightly', comparability);

/** Runs that differ in nothing but their peak. */
export function peakRuns(peaks: readonly number[], sessionId: string): readonly GateRun[] {
  return peaks.map((peakBytes, index) => ({
    result: { ...sound, runId: `${sessionId}-${index + 1}`, memory: { ...sound.memory, peakBytes } },
    constantStages: [],
  }));
}

/** Night `order` of the series, of runs with these peaks. */
export function nightOf(order: number, peaks: readonly number[], over: Partial<Night> = {}): Night {
  const sessionId = over.sessionId ?? `night-${order}`;
  return {
    series: testedSeries,
    profile: 'nightly',
    profileHash: sound.profile.hash,
    sessionId,
    at: new Date(Date.UTC(2026, 0, 1 + order)).toISOString(),
    purpose: 'nightly',
    subject: { version: null, commit: `commit-${order}`, image: null },
    comparability,
    runs: peakRuns(peaks, sessionId),
    ...over,
  };
}

/** An accepted night of the history whose peak had this median. */
export function pastNight(order: number, median: number, over: Partial<HistorySession> = {}): HistorySession {
  const { runs, ...night } = nightOf(order, [median, median, median]);
  return {
    kind: 'session',
    schemaVersion: sound.schemaVersion,
    ...night,
    runIds: runs.map(({ result }) => result.runId),
    state: 'pass',
    isAccepted: true,
    metrics: [
      {
        id: 'peak-memory',
        stage: null,
        instance: null,
        unit: 'bytes',
        isBiggerBetter: false,
        values: [median, median, median],
        median,
        isSuspect: false,
      },
    ],
    identities: [],
    ...over,
  };
}

/** What a gate is asked with: a history of these medians, one night each, and a night after them. */
export function gateInput(
  medians: readonly number[],
  peaks: readonly number[],
  over: Partial<GateInput> = {},
): GateInput {
  return {
    night: nightOf(medians.length, peaks),
    confirmation: [],
    history: medians.map((median, order) => pastNight(order, median)),
    others: [],
    constants: shippedConstants(),
    confirm: 'auto',
    ...over,
  };
}
