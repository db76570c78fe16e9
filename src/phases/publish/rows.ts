import { readFileSync } from 'node:fs';
import { sha256Hex } from '../../base/digest.ts';
import { BenchError } from '../../base/errors.ts';
import type { GateDecision, GateState } from '../../model/gate.ts';
import type { HistorySession } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import { keptDecisions } from '../../store/decision-file.ts';
import { findRunFolder, listRunIds, type RunFolder, readResult } from '../../store/run-folder.ts';

/** What the index tells of a run, or of a night whose runs are no longer kept. */
export interface RunRow {
  id: string;
  sessionId: string;
  /** RFC 3339, UTC. */
  at: string;
  profile: string;
  /** null: only the gate's decision is kept. */
  verdict: RunResult['verdict'] | 'invalid' | null;
  /** null: the gate was not asked. */
  decision: GateState | null;
  subject: string;
  hostClass: string;
  peakBytes: number | null;
  limitBytes: number | null;
}

export interface KeptRun {
  folder: RunFolder;
  /** SHA-256 of result.json and of the decision: what its page is a function of. */
  digest: string;
  /** What the gate said of its session; null: it was not asked, or its answer is not kept. */
  decision: GateDecision | null;
  row: RunRow;
}

/** Rows of an earlier publish by run id; a run whose result is the same is not read again. */
export type KnownRows = ReadonlyMap<string, { digest: string; row: RunRow }>;

const subjectText = ({ version, commit, image }: RunResult['subject']): string =>
  [version, commit?.slice(0, 12) ?? null, image].filter((part) => part !== null).join(' ');

/** Runs of a results folder that have a result of this schema; `tell` hears of the others. */
export function keptRuns(outFolder: string, known: KnownRows, tell: (sentence: string) => void): readonly KeptRun[] {
  const decisions = keptDecisions(outFolder, tell);
  return listRunIds(outFolder).flatMap((id): KeptRun[] => {
    const decision = decisions.get(id) ?? null;
    try {
      const folder = findRunFolder(id, outFolder);
      const digest = digestOf(folder, decision);
      const held = known.get(id);
      return [
        { folder, digest, decision, row: held?.digest === digest ? held.row : rowOf(readResult(folder), decision) },
      ];
    } catch (error: unknown) {
      if (!(error instanceof BenchError)) {
        throw error;
      }
      tell(`${id} has no page: ${error.message}`);
      return [];
    }
  });
}

function digestOf(folder: RunFolder, decision: GateDecision | null): string {
  try {
    const ofResult = sha256Hex(readFileSync(folder.result));
    return decision === null ? ofResult : sha256Hex(`${ofResult} ${JSON.stringify(decision)}`);
  } catch (error: unknown) {
    throw new BenchError('RESULT_UNREADABLE', `${folder.runId} has no result.json yet.`, {
      hint: `Make it with: bench analyze ${folder.runId}`,
      cause: error,
    });
  }
}

function rowOf(result: RunResult, decision: GateDecision | null): RunRow {
  return {
    id: result.runId,
    sessionId: result.session.id,
    at: result.startedAt,
    profile: result.profile.name,
    verdict: result.validity.state === 'invalid' ? 'invalid' : result.verdict,
    decision: decision?.state ?? null,
    subject: subjectText(result.subject),
    hostClass: result.hostClass,
    peakBytes: result.memory.peakBytes,
    limitBytes: result.memory.limitBytes,
  };
}

/** Runs with the decision of their session, and nights whose runs are gone; newest first. */
export function indexRows(runs: readonly RunRow[], sessions: readonly HistorySession[]): readonly RunRow[] {
  const bySession = new Map(sessions.map((session) => [session.sessionId, session]));
  const kept = new Set(runs.map(({ sessionId }) => sessionId));
  return [
    ...runs.map((row) => ({ ...row, decision: bySession.get(row.sessionId)?.state ?? row.decision })),
    ...[...bySession.values()].filter(({ sessionId }) => !kept.has(sessionId)).map(rowOfSession),
  ].toSorted((a, b) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1));
}

function rowOfSession(session: HistorySession): RunRow {
  const limit = /^(\d+) bytes$/.exec(session.comparability.must['memory limit'] ?? '')?.[1];
  return {
    id: session.sessionId,
    sessionId: session.sessionId,
    at: session.at,
    profile: session.profile,
    verdict: null,
    decision: session.state,
    subject: subjectText(session.subject),
    hostClass: session.comparability.must['host class'] ?? '',
    peakBytes: session.metrics.find(({ id }) => id === 'peak-memory')?.median ?? null,
    limitBytes: limit === undefined ? null : Number(limit),
  };
}
