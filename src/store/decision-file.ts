import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError, systemCodeOf } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { isPathPart } from '../base/path-part.ts';
import { replaceFile } from '../base/replace-file.ts';
import { type GateDecision, gateStates } from '../model/gate.ts';
import { schemaVersion } from '../model/result.ts';
import { historyFolder, unwritable } from './history.ts';

const decisionFolder = (outFolder: string): string => join(historyFolder(outFolder), 'decisions');

export const decisionFile = (outFolder: string, sessionId: string): string =>
  join(decisionFolder(outFolder), `${sessionId}.json`);

/** Derived, so it lies beside the runs and not in their sealed folders; written anew by each gate of the session. */
export function writeDecision(outFolder: string, decision: GateDecision): string {
  const path = decisionFile(outFolder, decision.sessionId);
  try {
    makeFolder(dirname(path));
    replaceFile(path, `${JSON.stringify(decision, null, 2)}\n`);
  } catch (error: unknown) {
    throw unwritable(path, error);
  }
  return path;
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

/** Throws RESULT_UNREADABLE with the path and what to do. */
export function readDecision(path: string): GateDecision {
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
  const { schemaVersion: version, state, series, profile, rows, runIds, confirmationRunIds } = read;
  const { notJudged, differences, notices } = read;
  return (
    [version, series, profile].every((text) => typeof text === 'string') &&
    state !== undefined &&
    gateStates.includes(state) &&
    isPathPart(read.sessionId) &&
    [rows, runIds, confirmationRunIds, notJudged, differences, notices].every(Array.isArray)
  );
}

/**
 * What the gate said of each run, by run id: of runs that it judged and of those that confirmed them. `tell` hears of a
 * file that cannot be read, since a decision is derived and can be made anew.
 */
export function keptDecisions(outFolder: string, tell: (sentence: string) => void): ReadonlyMap<string, GateDecision> {
  const folder = decisionFolder(outFolder);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const byRun = new Map<string, GateDecision>();
  for (const name of names.sort()) {
    try {
      const decision = readDecision(join(folder, name));
      for (const runId of [...decision.runIds, ...decision.confirmationRunIds]) {
        byRun.set(runId, decision);
      }
    } catch (error: unknown) {
      if (!(error instanceof BenchError)) {
        throw error;
      }
      tell(error.message);
    }
  }
  return byRun;
}
