import { asAnswerOfSearch } from '../../computed/search-bound.ts';
import { type GatheredArtifacts, isUnavailable, type RunEvent } from '../../model/artifacts.ts';
import type { Detector, DetectorContext, Finding, Observation } from '../../model/detector.ts';
import type { RunResult } from '../../model/result.ts';
import { warnedOfFiles } from './others-files.ts';

export interface JudgedArtifacts {
  artifacts: GatheredArtifacts;
  /** Asked only where something fails; null: no file in memory is in doubt. */
  withoutFiles(): GatheredArtifacts | null;
}

type Findings = Pick<RunResult, 'findings' | 'runtimeErrors'>;

/**
 * One finding a detector (PROTOCOL 7.1), in their order. One that throws is inconclusive and told as our error.
 * `unrecorded` says why nothing is known of the requests; null: they are all there.
 */
export function findingsOf(
  { artifacts, withoutFiles }: JudgedArtifacts,
  detectors: readonly Detector[],
  context: DetectorContext,
  unrecorded: string | null,
): Findings {
  const runtimeErrors: { where: string; stack: string }[] = [];
  const { ladder } = artifacts;
  const isLeak = !isUnavailable(ladder) && ladder.search?.isCumulative === true;
  const findings = detectors.map((detector) => {
    try {
      const found = observe(detector, artifacts, context);
      const others = found.verdict === 'fail' ? withoutFiles() : null;
      const seen = others === null ? found : warnedOfFiles(found, observe(detector, others, context));
      const told = unrecorded === null ? seen : withoutRequests(detector, seen, unrecorded);
      const judged = asAnswerOfSearch({ detector: detector.id, seen: told }, eventsOf(artifacts), isLeak);
      return finding(detector, weighed(detector.id, judged, context));
    } catch (error: unknown) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      runtimeErrors.push({ where: `detector ${detector.id}`, stack });
      return finding(detector, unanswered('inconclusive', 'The detector itself failed; its error is in this result.'));
    }
  });
  return { findings, runtimeErrors };
}

function eventsOf({ events }: GatheredArtifacts): readonly RunEvent[] {
  return isUnavailable(events) ? [] : events;
}

function observe(detector: Detector, artifacts: GatheredArtifacts, context: DetectorContext): Observation {
  if (context.profile.thresholds[detector.id] === 'off') {
    return unanswered('not-applicable', `Turned off by the profile ${context.profile.name}.`);
  }
  const missing = detector.requires.flatMap((key) => {
    const artifact = artifacts[key];
    return isUnavailable(artifact) ? [artifact] : [];
  });
  const first = missing.find((artifact) => artifact.isNotAsked === true) ?? missing[0];
  if (first !== undefined) {
    const verdict = first.isNotAsked === true ? 'not-applicable' : 'inconclusive';
    return unanswered(verdict, `Not judged: ${first.reason}.`);
  }
  // Every artifact that `requires` names was just seen to be there.
  return detector.detect(artifacts as Parameters<Detector['detect']>[0], context);
}

/** Of requests that nobody recorded nothing good can be said; a fault that shows without them stays one. */
function withoutRequests(detector: Detector, seen: Observation, unrecorded: string): Observation {
  const isFault = seen.verdict === 'fail' || seen.verdict === 'warn';
  return detector.requires.includes('records') && !isFault
    ? unanswered('not-applicable', `Not judged: ${unrecorded}.`)
    : seen;
}

/** PROTOCOL 7.4. */
function weighed(id: string, observation: Observation, { profile }: DetectorContext): Observation {
  return observation.verdict === 'fail' && profile.thresholds[id] === 'warn'
    ? { ...observation, verdict: 'warn' }
    : observation;
}

function unanswered(verdict: 'inconclusive' | 'not-applicable', summary: string): Observation {
  return { verdict, summary, value: null, threshold: null };
}

function finding(detector: Detector, observation: Observation): Finding {
  const isBad = observation.verdict === 'fail' || observation.verdict === 'warn';
  return {
    detector: detector.id,
    verdict: observation.verdict,
    title: isBad ? detector.failureTitle : detector.title,
    summary: observation.summary,
    remedy: isBad ? (observation.remedy ?? detector.remedy) : '',
    value: observation.value,
    threshold: observation.threshold,
    unit: detector.unit,
    stage: observation.stage ?? null,
    startedMs: observation.startedMs ?? null,
    evidence: observation.evidence ?? { holder: null },
  };
}
