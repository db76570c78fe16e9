import { median } from '../../base/statistics.ts';
import type { NightMetric } from '../../computed/gate/metrics.ts';
import { latencyFrom, latencyFromWords } from '../../computed/watched.ts';
import type { ComparabilityDifference, GateConstants } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';
import type { Results } from '../../model/section.ts';

/** One run, or all runs of a session. */
export interface Side {
  /** As it is called on the page: `baseline`, `candidate`, `candidate 2`. */
  label: string;
  /** Id of its run or session. */
  name: string;
  runs: Results;
  metrics: readonly NightMetric[];
}

export interface Candidate extends Side {
  /** From the baseline, field by field. */
  differences: readonly ComparabilityDifference[];
  /** The same for readers: what differs inside the profile stands for its hash. */
  inWords: readonly ComparabilityDifference[];
}

/** What the sections of a comparison are drawn from. */
export interface Comparison {
  base: Side;
  candidates: readonly [Candidate, ...Candidate[]];
  /** Shown although fields differ that must agree. */
  isForced: boolean;
  /** Whose thresholds are shown; null: no gate file was found. */
  constants: GateConstants | null;
}

export const sidesOf = ({ base, candidates }: Comparison): readonly Side[] => [base, ...candidates];

/** Lines of each side, in the order of the page. */
const colors = ['var(--muted)', 'var(--l1-line)', 'var(--accent)', 'var(--ok)', 'var(--warn)'];

export const colorOf = (side: number): string => colors[side % colors.length] ?? 'var(--ink)';

/** The median over the runs of a side that have the value; null if none has. */
export function ofSide({ runs }: Side, read: (run: RunResult) => number | null): number | null {
  return median(runs.flatMap((run) => read(run) ?? []));
}

/** Requests that all runs of a side answered. */
export function answeredOf({ runs }: Side): number {
  return runs.reduce((sum, { requests }) => sum + requests.outcomes.ok, 0);
}

/** From when the latency of these sides counts; of a mixed pair both are said. */
export function fromOf(sides: readonly Side[]): string {
  const all = sides.flatMap(({ runs }) => runs.map((run) => latencyFromWords[latencyFrom(run)]));
  return [...new Set(all)].join(' or ');
}

/** `+12 %`, or the sign of a change from nothing; an en dash where a side has no value. */
export function changeText(base: number | null, candidate: number | null): string {
  if (base === null || candidate === null) {
    return '–';
  }
  if (base === 0) {
    return candidate === 0 ? '0 %' : 'from 0';
  }
  const ratio = (candidate - base) / Math.abs(base);
  const percent = Math.abs(ratio * 100);
  if (percent < 0.05) {
    return '0 %';
  }
  const sign = ratio > 0 ? '+' : '−';
  return `${sign}${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}
