import { BenchError } from '../../base/errors.ts';
import { comparabilityOf, differencesOf, namedProjectOf } from '../../computed/gate/comparability.ts';
import { nightMetrics } from '../../computed/gate/metrics.ts';
import { profileDifferences } from '../../computed/gate/profile-differences.ts';
import type { ComparabilityDifference, GateConstants } from '../../model/gate.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import type { Results } from '../../model/section.ts';
import type { Comparison, Side } from '../../sections/compare/comparison.ts';
import {
  findRunFolder,
  listRunIds,
  type RunFolder,
  readManifest,
  readResult,
  runFolderAt,
} from '../../store/run-folder.ts';

export interface CompareOptions {
  /** Runs or sessions: the baseline, then what is held against it. */
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
  refusals: readonly (ComparabilityDifference & { side: string })[];
}

/** run or session names -> sides -> differences from the baseline -> what the page is drawn from. Nothing is written. */
export function compareRuns(options: CompareOptions): Compared {
  const [baseName, ...others] = options.names;
  const baseline = sideOf(baseName ?? '', 'baseline', options.outFolder);
  const base = baseline.side;
  const candidates = others.map((name, index) => {
    const label = others.length === 1 ? 'candidate' : `candidate ${index + 1}`;
    const { side, profile } = sideOf(name, label, options.outFolder);
    const differences = differencesBetween(base, side, options.project);
    return { ...side, differences, inWords: inWords(differences, [baseline.profile, profile]) };
  });
  const [first, ...rest] = candidates;
  if (first === undefined) {
    throw new BenchError('USAGE', 'A comparison needs a baseline and at least one candidate.', {
      hint: 'bench compare BASELINE CANDIDATE, each a run or a session',
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

/** All runs of the page, the baseline first. */
export function runsOf({ base, candidates }: Comparison): Results {
  const [first, ...rest] = base.runs;
  return [first, ...rest, ...candidates.flatMap(({ runs }) => runs)];
}

/** With the profile of its first run; null: its manifest cannot be read. */
function sideOf(name: string, label: string, outFolder: string): { side: Side; profile: ResolvedProfile | null } {
  const folders = foldersNamed(name, outFolder);
  const [first, ...rest] = folders.map(readResult);
  const [folder] = folders;
  if (first === undefined || folder === undefined) {
    throw new BenchError('RESULT_UNREADABLE', `The session "${name}" has no run that can be read.`, {
      hint: `See what is there: ls ${outFolder}`,
    });
  }
  const runs: Results = [first, ...rest];
  const profile = unlessUnreadable(() => readManifest(folder).profile);
  return { side: { label, name, runs, metrics: nightMetrics(runs) }, profile };
}

/** A run by its name or path; else all runs of the session of that id. */
function foldersNamed(name: string, outFolder: string): readonly RunFolder[] {
  const ids = listRunIds(outFolder);
  if (!ids.includes(name)) {
    const ofSession = ids
      .map((id) => findRunFolder(id, outFolder))
      // A run of an older schema stands beside others without being read.
      .filter((folder) => unlessUnreadable(() => readManifest(runFolderAt(folder.path)).session.id) === name);
    if (ofSession.length > 0) {
      return ofSession;
    }
  }
  return [findRunFolder(name, outFolder)];
}

function unlessUnreadable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error: unknown) {
    if (error instanceof BenchError) {
      return null;
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

/** Two hashes say nothing to a reader: in their place stands what differs between the resolved profiles. */
function inWords(
  differences: readonly ComparabilityDifference[],
  [before, now]: readonly [ResolvedProfile | null, ResolvedProfile | null],
): readonly ComparabilityDifference[] {
  // The profile's hash holds the digest of its corpus too, which is a field of its own.
  const isOfCorpus = differences.some(({ field }) => field === 'corpus digest');
  return differences.flatMap((one) => {
    if (one.field !== 'profile hash' || before === null || now === null) {
      return [one];
    }
    const told = profileDifferences(before, now);
    return told.length === 0 && !isOfCorpus ? [one] : told;
  });
}
