import { expect } from 'vitest';
import { detectors } from '../detectors/index.ts';
import type { Artifacts } from '../model/artifacts.ts';
import type { DetectorContext, Verdict } from '../model/detector.ts';
import { context, footprint, healthyArtifacts, line, mib } from './build.ts';

/** One line of a detector's table: what differs from the healthy run, and what must be said. */
export interface VerdictRow {
  id: string;
  why: string;
  verdict: Verdict;
  over?: Partial<Artifacts>;
  context?: Partial<DetectorContext>;
  says?: RegExp;
}

export function expectVerdict(row: VerdictRow): void {
  const detector = detectors.find((candidate) => candidate.id === row.id);
  const observation = detector?.detect(healthyArtifacts(row.over), context(row.context));
  expect(observation?.verdict, observation?.summary).toBe(row.verdict);
  expect(observation?.summary).toMatch(row.says ?? /\.$/);
}

/** A footprint in MiB for each second of the healthy run's 150. */
export function held(
  mebibytesAt: (second: number) => number | null,
  over: Partial<Artifacts['footprint']> = {},
): Pick<Artifacts, 'footprint'> {
  const total = line(150, (second) => {
    const mebibytes = mebibytesAt(second);
    return mebibytes === null ? null : mebibytes * mib;
  });
  return { footprint: footprint(total, over) };
}

export const peakOf = (mebibytes: number): Pick<Artifacts, 'footprint'> =>
  held((second) => (second === 60 ? mebibytes : 100));
