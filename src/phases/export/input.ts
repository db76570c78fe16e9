import { existsSync } from 'node:fs';
import { BenchError } from '../../base/errors.ts';
import { comparabilityOf, projectOf, seriesOf } from '../../computed/gate/comparability.ts';
import type { ExportInput } from '../../model/exporter.ts';
import type { GateDecision } from '../../model/gate.ts';
import type { HistorySession } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import { decisionFile, readDecision } from '../../store/decision-file.ts';
import { historyFile, readHistory } from '../../store/history.ts';
import { findRunFolder, readManifest, readResult } from '../../store/run-folder.ts';

export interface ExportPlaces {
  runs: readonly string[];
  /** Where runs and their history are kept. */
  outFolder: string;
  /** null: the decision of the session in the results folder, if it was gated. */
  decisionFile: string | null;
  /** null: the file of the series in the results folder, if there is one. */
  historyFile: string | null;
}

/** Runs of one session, with what the gate said of them and the nights before. */
export function readExportInput(places: ExportPlaces): ExportInput {
  const [opened, ...others] = places.runs.map((run) => openRun(run, places.outFolder));
  if (opened === undefined) {
    throw new BenchError('USAGE', 'No run is named.', { hint: 'Name the runs of one session: bench export RUN…' });
  }
  const { result: first, loads } = opened;
  const rest = others.map(({ result }) => result);
  for (const other of rest) {
    refuseOtherProfile(first, other);
  }
  const results = [first, ...rest] as const;
  const decision = decisionOf(places, results);
  return { results, decision, history: nightsBefore(places, results, decision), loads };
}

function openRun(name: string, outFolder: string): { result: RunResult; loads: ExportInput['loads'] } {
  const folder = findRunFolder(name, outFolder);
  // Refuses a run of an older schema, and says how to bring it up.
  const { profile } = readManifest(folder);
  const loads = profile.stages.flatMap(({ name: stage, load }) => (load === null ? [] : [[stage, load] as const]));
  return { result: readResult(folder), loads: new Map(loads) };
}

function refuseOtherProfile(first: RunResult, other: RunResult): void {
  if (first.profile.hash !== other.profile.hash) {
    throw new BenchError(
      'USAGE',
      `${first.runId} and ${other.runId} are no repeats of each other: their profiles differ.`,
      { hint: 'Export one session at a time.' },
    );
  }
}

function decisionOf(places: ExportPlaces, results: readonly RunResult[]): GateDecision | null {
  const sessionId = results[0]?.session.id ?? '';
  const usual = decisionFile(places.outFolder, sessionId);
  if (places.decisionFile === null && !existsSync(usual)) {
    return null;
  }
  const path = places.decisionFile ?? usual;
  const decision = readDecision(path);
  const judged = [...decision.runIds].sort();
  const named = results.map(({ runId }) => runId).sort();
  if (judged.join(' ') !== named.join(' ')) {
    throw new BenchError('USAGE', `${path} judges other runs than ${named.join(', ')}.`, {
      hint: `Name the runs that it judges: ${judged.join(' ')}`,
    });
  }
  return decision;
}

/** Accepted or not, since the tools that get them look for shifts themselves. A session that was added anew counts once. */
function nightsBefore(
  places: ExportPlaces,
  results: readonly [RunResult, ...RunResult[]],
  decision: GateDecision | null,
): readonly HistorySession[] {
  const [first] = results;
  const series = decision?.series ?? seriesOf(first.profile.name, comparabilityOf(first, projectOf(first)));
  if (places.historyFile !== null && !existsSync(places.historyFile)) {
    throw new BenchError('RESULT_UNREADABLE', `There is no history ${places.historyFile}.`, {
      hint: 'See what there is with: bench history list',
    });
  }
  const startMs = Math.min(...results.map(({ startedAt }) => Date.parse(startedAt)));
  const nights = new Map<string, HistorySession>();
  for (const line of readHistory(places.historyFile ?? historyFile(places.outFolder, series))) {
    if (line.kind === 'session' && line.series === series && Date.parse(line.at) < startMs) {
      nights.set(line.sessionId, line);
    }
  }
  nights.delete(first.session.id);
  return [...nights.values()].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
