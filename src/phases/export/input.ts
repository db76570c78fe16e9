import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import { comparabilityOf, projectOf, seriesOf } from '../../computed/gate/comparability.ts';
import type { ExportInput } from '../../model/exporter.ts';
import { type GateDecision, gateStates } from '../../model/gate.ts';
import type { HistorySession } from '../../model/history.ts';
import { type RunResult, schemaVersion } from '../../model/result.ts';
import { historyFile, historyFolder, readHistory } from '../../store/history.ts';
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
  const [first, ...rest] = places.runs.map((run) => openRun(run, places.outFolder));
  if (first === undefined) {
    throw new BenchError('USAGE', 'No run is named.', { hint: 'Name the runs of one session: bench export RUN…' });
  }
  for (const other of rest) {
    refuseOtherProfile(first, other);
  }
  const results = [first, ...rest] as const;
  const decision = decisionOf(places, results);
  return { results, decision, history: nightsBefore(places, results, decision) };
}

function openRun(name: string, outFolder: string): RunResult {
  const folder = findRunFolder(name, outFolder);
  // Refuses a run of an older schema, and says how to bring it up.
  readManifest(folder);
  return readResult(folder);
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
  const usual = join(historyFolder(places.outFolder), 'decisions', `${sessionId}.json`);
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

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error: unknown) {
    throw new BenchError('RESULT_UNREADABLE', `${path} cannot be read: ${systemCodeOf(error) ?? 'unknown'}.`, {
      hint: 'Make a decision with: bench gate RUN…',
      cause: error,
    });
  }
}

function readDecision(path: string): GateDecision {
  const hint = 'Make it anew with: bench gate RUN…';
  let read: Partial<GateDecision> | null;
  try {
    read = JSON.parse(readText(path)) as Partial<GateDecision> | null;
  } catch (error: unknown) {
    if (error instanceof BenchError) {
      throw error;
    }
    throw new BenchError('RESULT_UNREADABLE', `${path} is no JSON.`, { hint, cause: error });
  }
  if (read === null || !isDecision(read)) {
    throw new BenchError('RESULT_UNREADABLE', `${path} is no decision of the gate.`, { hint });
  }
  if (Number.parseInt(read.schemaVersion, 10) > Number.parseInt(schemaVersion, 10)) {
    throw new BenchError(
      'RESULT_UNREADABLE',
      `${path} has schema ${read.schemaVersion}; this bench reads up to ${schemaVersion}.`,
      { hint: 'Use a newer headroom to read it.' },
    );
  }
  return read;
}

function isDecision(read: Partial<GateDecision>): read is GateDecision {
  const { schemaVersion: version, state, series, profile, rows, runIds, notJudged, differences, notices } = read;
  return (
    [version, series, profile].every((text) => typeof text === 'string') &&
    state !== undefined &&
    gateStates.includes(state) &&
    [rows, runIds, notJudged, differences, notices].every(Array.isArray)
  );
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
