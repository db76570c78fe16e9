import { BenchError } from '../../base/errors.ts';
import { comparabilityOf, differencesOf, namedProjectOf } from '../../computed/gate/comparability.ts';
import { nightMetrics } from '../../computed/gate/metrics.ts';
import type { ComparabilityDifference, GateConstants } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';
import type { Results } from '../../model/section.ts';
import type { Comparison, Side } from '../../sections/compare/comparison.ts';
import { findRunFolder, listRunIds, readManifest, readResult, runFolderAt } from '../../store/run-folder.ts';

export interface CompareOptions {
  /** Runs or sessions: the base, then what is held against it. */
  names: readonly string[];
  outFolder: string;
  /** null: told by each target. */
  project: string | null;
  isForced: boolean;
  constants: GateConstants | null;
}

/** `refusals`: what forbids to compare (PROTOCOL 20.1); empty: nothing. */
export interface Compared {
  comparison: Comparison;
  refusals: readonly (ComparabilityDifference & { candidate: string | null; side: string })[];
}

/** run or session names -> sides -> differences from the base -> what the page is drawn from. Nothing is written. */
export function compareRuns(options: CompareOptions): Compared {
  const [baseName, ...others] = options.names;
  const base = sideOf(baseName ?? '', 'base', options.outFolder);
  const candidates = others.map((name, index) => {
    const label = others.length === 1 ? 'candidate' : `candidate ${index + 1}`;
    const side = sideOf(name, label, options.outFolder);
    return { ...side, differences: differencesBetween(base, side, options.project) };
  });
  const [first, ...rest] = candidates;
  if (first === undefined) {
    throw new BenchError('USAGE', 'A comparison needs a base and at least one candidate.', {
      hint: 'bench compare BASE CANDIDATE, each a run or a session',
    });
  }
  const refusals = candidates.flatMap(({ label, differences }) =>
    differences.filter((one) => one.class === 'must').map((one) => ({ ...one, side: label })),
  );
  return {
    comparison: {
      base,
      candidates: [first, ...rest],
      isForced: options.isForced && refusals.length > 0,
      constants: options.constants,
    },
    refusals,
  };
}

/** All runs of the page, the base first. */
export function runsOf({ base, candidates }: Comparison): Results {
  const [first, ...rest] = base.runs;
  return [first, ...rest, ...candidates.flatMap(({ runs }) => runs)];
}

function sideOf(name: string, label: string, outFolder: string): Side {
  const [first, ...rest] = runsNamed(name, outFolder);
  if (first === undefined) {
    throw new BenchError('RESULT_UNREADABLE', `The session "${name}" has no run that can be read.`, {
      hint: `See what is there: ls ${outFolder}`,
    });
  }
  const runs: Results = [first, ...rest];
  return { label, name, runs, metrics: nightMetrics(runs) };
}

/** A run by its name or path; else all runs of the session of that id. */
function runsNamed(name: string, outFolder: string): readonly RunResult[] {
  const ids = listRunIds(outFolder);
  if (!ids.includes(name)) {
    const ofSession = ids
      .map((id) => findRunFolder(id, outFolder))
      .filter((folder) => readsAsSession(folder.path, name));
    if (ofSession.length > 0) {
      return ofSession.map(readResult);
    }
  }
  return [readResult(findRunFolder(name, outFolder))];
}

/** A run of an older schema stands beside others without being read. */
function readsAsSession(path: string, sessionId: string): boolean {
  try {
    return readManifest(runFolderAt(path)).session.id === sessionId;
  } catch (error: unknown) {
    if (error instanceof BenchError) {
      return false;
    }
    throw error;
  }
}

/** Who names two runs may mean two ports of one service, so an address is no difference between them. */
const unnamed = 'unnamed';

/** Between any run of the one and any of the other: repeats of a session may differ among themselves. */
function differencesBetween(base: Side, other: Side, project: string | null): readonly ComparabilityDifference[] {
  const found = new Map<string, ComparabilityDifference>();
  for (const before of base.runs) {
    for (const now of other.runs) {
      const all = differencesOf(
        comparabilityOf(before, project ?? namedProjectOf(before) ?? unnamed),
        comparabilityOf(now, project ?? namedProjectOf(now) ?? unnamed),
      );
      for (const one of all) {
        found.set(`${one.class} ${one.field}`, found.get(`${one.class} ${one.field}`) ?? one);
      }
    }
  }
  return [...found.values()].toSorted((a, b) => (a.class === b.class ? 0 : a.class === 'must' ? -1 : 1));
}
