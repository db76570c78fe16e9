import { leastFloors } from '../../base/leak-rule.ts';
import { formatDuration } from '../../base/units.ts';
import { minimumSamples as leastAtRest, shortestWindowMs } from '../../computed/rises-at-rest.ts';
import { equalLoads, leastSamples as leastOfFloor } from '../../computed/rounds.ts';
import type { ResolvedProfile, Stage, StageKind } from '../../model/profile.ts';

const quietKinds: readonly StageKind[] = ['lull', 'silence', 'idle', 'cooldown'];

/** A detector that this profile is for, and what it will not get of it. */
interface Shortfall {
  detector: string;
  what: string;
}

/** Time without load from stage `index` on. */
function quietFrom(stages: readonly Stage[], index: number): number {
  let quietMs = 0;
  for (const { kind, durationMs } of stages.slice(index)) {
    if (!quietKinds.includes(kind)) {
      break;
    }
    quietMs += durationMs;
  }
  return quietMs;
}

function samplesIn(quietMs: number, { sampleIntervalMs }: ResolvedProfile): number {
  return Math.floor(quietMs / sampleIntervalMs);
}

/** Rounds are what a profile is for if it has enough of them for a trend. */
function roundShortfall(profile: ResolvedProfile): Shortfall | null {
  const { stages } = profile;
  const rounds = equalLoads(stages, (stage) => stage).filter((members) => members.length >= leastFloors);
  const quietMs = rounds.flat().map((stage) => quietFrom(stages, stages.indexOf(stage) + 1));
  const shortestMs = Math.min(...quietMs);
  return quietMs.length === 0 || samplesIn(shortestMs, profile) >= leastOfFloor
    ? null
    : {
        detector: 'growth-with-load',
        what: `${leastOfFloor} samples in the quiet time after each round, which lasts ${formatDuration(shortestMs)}`,
      };
}

/** Judged only where the profile requires it: whatever has a lull could be asked for it. */
function restShortfall(profile: ResolvedProfile): Shortfall | null {
  const { stages, requires } = profile;
  if (!requires.includes('growth-without-load')) {
    return null;
  }
  const firstLoad = stages.findIndex(({ load }) => load !== null);
  const quietMs = stages.map((_, index) => (index > firstLoad ? quietFrom(stages, index) : 0));
  const longestMs = Math.max(0, ...quietMs);
  return longestMs >= shortestWindowMs && samplesIn(longestMs, profile) >= leastAtRest
    ? null
    : {
        detector: 'growth-without-load',
        what: `${leastAtRest} samples and ${formatDuration(shortestWindowMs)} without load, and the longest such time lasts ${formatDuration(longestMs)}`,
      };
}

function shortfallsOf(profile: ResolvedProfile): readonly Shortfall[] {
  return [roundShortfall(profile), restShortfall(profile)].filter((shortfall) => shortfall !== null);
}

/**
 * What a run of this scale cannot tell, known before it is made: a detector whose least counts (PROTOCOL 16.1.1) do not
 * fit into its stages. `at` gives the profile at another scale; the least one that is long enough is named.
 */
export function shortStages(at: (scale: number) => ResolvedProfile, scale: number): readonly string[] {
  const profile = at(scale);
  return shortfallsOf(profile).map(({ detector, what }) => {
    const every = formatDuration(profile.sampleIntervalMs);
    const least = scalesAbove(scale).find((one) => shortfallsOf(at(one)).every((other) => other.detector !== detector));
    const remedy =
      least === undefined
        ? 'Sample more often, or lengthen these stages.'
        : `The least --scale that is long enough is ${least}.`;
    return `${detector} will not be judged: it needs ${what}, at one sample every ${every}. ${remedy}`;
  });
}

/** Up to the profile as it is written, in steps that one would type. */
function scalesAbove(scale: number): readonly number[] {
  return Array.from({ length: 100 }, (_, index) => (index + 1) / 100).filter((one) => one > scale);
}
