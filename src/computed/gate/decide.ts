import {
  type Comparability,
  type GateConstants,
  type GateDecision,
  type GateRow,
  type GateState,
  gateStates,
} from '../../model/gate.ts';
import type { HistoryLine, HistorySession, SessionPurpose, Subject } from '../../model/history.ts';
import { type RunResult, schemaVersion } from '../../model/result.ts';
import { absoluteRows } from './absolute.ts';
import { changePointRows } from './change-points.ts';
import { differencesOf } from './comparability.ts';
import { invariantRows } from './invariants.ts';
import { leakRows } from './leak.ts';
import { metricKey, type NightMetric, nightMetrics } from './metrics.ts';
import { type Past, pastOf } from './past.ts';
import { type ConfirmMode, gatingKeys, relativeRows, spreadOf, spreadText } from './relative-change.ts';
import { gateRow } from './row.ts';
import { rowSubject } from './value-text.ts';

/** One repeat; `constantStages` are those whose load does not change while they last. */
export interface GateRun {
  result: RunResult;
  constantStages: readonly string[];
}

/** The repeats of one night, and all that is known of them together: a session (PROTOCOL 12.1). */
export interface Night {
  series: string;
  profile: string;
  profileHash: string;
  sessionId: string;
  at: string;
  purpose: SessionPurpose;
  subject: Subject;
  comparability: Comparability;
  runs: readonly GateRun[];
}

export interface GateInput {
  night: Night;
  /** Runs of the second session; empty: there was none. */
  confirmation: readonly GateRun[];
  history: readonly HistoryLine[];
  /** Last nights of other series of the same profile: what the session may be told apart from. */
  others: readonly HistorySession[];
  constants: GateConstants;
  confirm: ConfirmMode;
}

const nightsPerYear = 365;

/**
 * runs -> A invariants, B absolute limits
 *      -> metrics + history of the series -> C relative change (+ second session), D change points
 *      -> worst row -> decision (PROTOCOL 12.3)
 * Pure: the same runs, history and constants give the same decision.
 */
export function decide(input: GateInput): GateDecision {
  const { night, constants, confirmation } = input;
  const results = night.runs.map(({ result }) => result);
  const past = pastOf(input.history, night.series, night);
  const metrics = nightMetrics(results);
  const invariants = invariantRows([...results, ...confirmation.map(({ result }) => result)]);
  const isInvalid = invariants.some(({ state }) => state === 'invalid');
  const rows = isInvalid
    ? invariants
    : [
        ...invariants,
        ...absoluteRows(metrics, results, constants.absolute),
        ...leakRows(night.runs, constants.absolute),
        ...comparedRows(input, past, metrics),
      ];
  const state = worstOf(rows);
  const nearest = nearestOther(input, past);
  return {
    schemaVersion,
    state,
    sentence: sentenceOf(state, rows),
    series: night.series,
    profile: night.profile,
    sessionId: night.sessionId,
    runIds: results.map(({ runId }) => runId),
    confirmationRunIds: confirmation.map(({ result }) => result.runId),
    historyUsed: past.accepted.map(({ sessionId }) => sessionId),
    differences: differencesOf((nearest ?? past.nights.at(-1) ?? night).comparability, night.comparability),
    rows,
    notJudged: notJudged(input, metrics, rows),
    notices: noticesOf(input, past, metrics),
    needsConfirmation:
      confirmation.length === 0 && input.confirm === 'auto' && rows.some((row) => isOpen(row, input, past)),
    expectedFalseRedsPerYear:
      (gatingKeys(metrics, constants).size * constants.falseAlarmsPerHundredNights * nightsPerYear) / 100,
    constants,
  };
}

/** The state of the row that decides. */
function worstOf(rows: readonly GateRow[]): GateState {
  return rows.reduce<GateState>(
    (worst, { state }) => (gateStates.indexOf(state) > gateStates.indexOf(worst) ? state : worst),
    'pass',
  );
}

function comparedRows(input: GateInput, past: Past, metrics: readonly NightMetric[]): GateRow[] {
  const { night, constants, confirmation, confirm } = input;
  const nearest = nearestOther(input, past);
  if (nearest !== null) {
    return [notComparableRow(nearest, night)];
  }
  const { series, sessionId, subject } = night;
  const second = confirmation.length === 0 ? null : nightMetrics(confirmation.map(({ result }) => result));
  return [
    ...relativeRows({ series, sessionId, subject, metrics, confirmation: second, past, constants, confirm }),
    ...changePointRows({ sessionId, subject, metrics }, past, constants),
  ];
}

/** Of a series without nights: the other series of the profile that it differs least from; null: nothing to tell. */
function nearestOther({ others, night }: GateInput, past: Past): HistorySession | null {
  if (past.nights.length > 0) {
    return null;
  }
  const distance = (other: HistorySession): number =>
    differencesOf(other.comparability, night.comparability).filter((difference) => difference.class === 'must').length;
  return others.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

function notComparableRow(nearest: HistorySession, night: Night): GateRow {
  const fields = differencesOf(nearest.comparability, night.comparability)
    .filter((difference) => difference.class === 'must')
    .map(
      ({ field, baseline, candidate }) => `${field}: ${baseline ?? 'not read'} before, ${candidate ?? 'not read'} now`,
    );
  return gateRow({
    layer: 'relative',
    rule: 'comparability',
    state: 'not-comparable',
    sentence: `The last ${night.profile} in the history is of another series. ${fields.join('; ')}. A series of its own begins here.`,
  });
}

/** A suspect that a second session could make a fail. */
function isOpen(row: GateRow, { constants }: GateInput, { nights }: Past): boolean {
  return row.identity !== null && row.isGating && nights.length >= constants.calibration.minSessions;
}

function notJudged(
  { night, constants }: GateInput,
  metrics: readonly NightMetric[],
  rows: readonly GateRow[],
): GateDecision['notJudged'] {
  const minutes = constants.absolute.leakMinMinutes;
  const isSearch = night.runs.some(({ result }) => result.search !== null);
  const few = metrics.filter(({ id, requests }) => (requests ?? Infinity) < (constants.metrics[id]?.minRequests ?? 0));
  return [
    ...(rows.some(({ rule }) => rule === 'peak-share')
      ? []
      : [
          {
            rule: 'peak-share',
            why: isSearch ? 'a search climbs to it on purpose' : 'no peak with a known limit was measured',
          },
        ]),
    ...(rows.some(({ rule }) => rule === 'leak-hours')
      ? []
      : [{ rule: 'leak-hours', why: `no stage of constant load lasts ${minutes} minutes, and no rounds grow` }]),
    ...few.map((metric) => ({
      rule: metricKey(metric),
      why: `${metric.requests ?? 0} of the ${constants.metrics[metric.id]?.minRequests ?? 0} answers that it needs`,
    })),
    ...(night.runs.length > 0 ? [] : [{ rule: 'all', why: 'there is no run' }]),
  ];
}

function noticesOf({ night, constants }: GateInput, past: Past, metrics: readonly NightMetric[]): string[] {
  const { repeats } = constants;
  const last = past.nights.at(-1);
  const gating = gatingKeys(metrics, constants);
  const wide = metrics.filter((one) => gating.has(metricKey(one)) && spreadOf(one) > repeats.spreadRatio);
  const changed = last === undefined ? [] : differencesOf(last.comparability, night.comparability);
  return [
    ...(night.runs.length < repeats.count
      ? [`${night.runs.length} of ${repeats.count} repeats: the median does not guard against one bad run.`]
      : []),
    ...(wide.length > 0 && night.runs.length < repeats.count + repeats.extra
      ? [`Repeats differ much (${wide.map(spreadText).join(', ')}): run up to ${repeats.extra} more in this session.`]
      : []),
    ...(last !== undefined && Date.parse(night.at) < Date.parse(last.at)
      ? [
          `This session says ${night.at}, and the last of the history ${last.at}: nights are taken in the order of the file.`,
        ]
      : []),
    ...changed.map(
      ({ field, baseline, candidate }) =>
        `The environment changed: ${field} was ${baseline ?? 'not read'}, is ${candidate ?? 'not read'}.`,
    ),
    ...(past.nights.length === 0 ? ['The history of this series is empty: this is its first session.'] : []),
  ];
}

function sentenceOf(state: GateState, rows: readonly GateRow[]): string {
  const deciding = rows.filter((row) => row.state === state);
  const [first] = deciding;
  if (state === 'pass' || first === undefined) {
    return `All ${rows.length} rules hold.`;
  }
  const more = deciding.length > 1 ? ` And ${deciding.length - 1} more.` : '';
  return `${rowSubject(first)}: ${first.sentence}${more}`;
}
