import { BenchError } from '../../base/errors.ts';
import { comparabilityOf, differencesOf, projectOf, seriesOf } from '../../computed/gate/comparability.ts';
import { decide, type GateRun, type Night } from '../../computed/gate/decide.ts';
import type { ConfirmMode } from '../../computed/gate/relative-change.ts';
import type { GateConstants, GateDecision } from '../../model/gate.ts';
import type { HistoryLine } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import { historyFile, historyFiles, lastSessions, readHistory } from '../../store/history.ts';
import { findRunFolder, readManifest, readResult } from '../../store/run-folder.ts';

export interface GateOptions {
  runs: readonly string[];
  /** Runs of the second session, whatever purpose they were made for. */
  confirmation: readonly string[];
  outFolder: string;
  /** null: the file of the series, in the results folder. */
  historyFile: string | null;
  /** null: told by the target. */
  project: string | null;
  constants: GateConstants;
  confirm: ConfirmMode;
}

export interface GatedSession {
  night: Night;
  decision: GateDecision;
  historyFile: string;
  history: readonly HistoryLine[];
}

/**
 * run folders -> one session (and perhaps a second one) -> its series -> history of it -> decision
 * Nothing is written.
 */
export function gateSession(options: GateOptions): GatedSession {
  const isConfirming = ({ result }: GateRun): boolean => result.session.purpose === 'confirm';
  const named = options.runs.map((run) => openRun(run, options.outFolder));
  const runs = named.filter((run) => !isConfirming(run));
  const confirmation = [
    ...named.filter(isConfirming),
    ...options.confirmation.map((run) => openRun(run, options.outFolder)),
  ];
  const night = nightOf(runs, options.project);
  for (const run of confirmation) {
    refuseOther(night, run, options.project);
  }
  const path = options.historyFile ?? historyFile(options.outFolder, night.series);
  const history = readHistory(path);
  const known = lastSessions(options.historyFile === null ? historyFiles(options.outFolder) : [path]);
  const others = known.filter(({ series, profile }) => series !== night.series && profile === night.profile);
  const { constants, confirm } = options;
  const decision = decide({ night, confirmation, history, others, constants, confirm });
  return { night, decision, historyFile: path, history };
}

/** Load that does not change while its stage lasts, so that what rises there rises by itself. */
const constantExecutors: readonly string[] = ['constant-vus', 'constant-arrival-rate'];

function openRun(name: string, outFolder: string): GateRun {
  const folder = findRunFolder(name, outFolder);
  const { profile } = readManifest(folder);
  return {
    result: readResult(folder),
    constantStages: profile.stages
      .filter(({ load }) => load !== null && constantExecutors.includes(load.executor))
      .map(({ name: stage }) => stage),
  };
}

function nightOf(runs: readonly GateRun[], project: string | null): Night {
  const first = runs[0]?.result;
  if (first === undefined) {
    throw new BenchError('USAGE', 'All these runs are of a confirmation session.', {
      hint: 'Name the runs of the first session too: bench gate RUN… --confirmation RUN',
    });
  }
  const comparability = comparabilityOf(first, project ?? projectOf(first));
  const night: Night = {
    series: seriesOf(first.profile.name, comparability),
    profile: first.profile.name,
    profileHash: first.profile.hash,
    sessionId: first.session.id,
    at: runs.map(({ result }) => result.startedAt).sort()[0] ?? first.startedAt,
    purpose: first.session.purpose,
    subject: first.subject,
    comparability,
    runs,
  };
  for (const run of runs.slice(1)) {
    refuseOther(night, run, project);
    refuseOtherSession(first, run.result);
  }
  return night;
}

/** Repeats differ in nothing but the time; what differs is told, and never averaged away. */
function refuseOther({ comparability, runs }: Night, { result }: GateRun, project: string | null): void {
  const [difference] = differencesOf(comparability, comparabilityOf(result, project ?? projectOf(result))).filter(
    (one) => one.class === 'must',
  );
  if (difference !== undefined) {
    const { field, baseline, candidate } = difference;
    throw new BenchError(
      'USAGE',
      `${runs[0]?.result.runId ?? ''} and ${result.runId} cannot be one session: ${field} is ${baseline ?? 'not read'} and ${candidate ?? 'not read'}.`,
      { hint: 'Gate them one by one.' },
    );
  }
}

function refuseOtherSession(first: RunResult, other: RunResult): void {
  const isApart = first.session.id !== other.session.id && Math.max(first.session.of, other.session.of) > 1;
  if (isApart) {
    throw new BenchError(
      'USAGE',
      `${first.runId} is of session ${first.session.id}, ${other.runId} of ${other.session.id}.`,
      { hint: 'Gate one session at a time; a second session of the same night goes to --confirmation.' },
    );
  }
}
