import { isConfirmed, searchWords } from '../../computed/search-answer.ts';
import type { Limit } from '../../model/artifacts.ts';
import type { DetectorContext, Observation } from '../../model/detector.ts';
import type { SearchResult } from '../../model/search.ts';

/**
 * A search asks itself whether its number fits: confirmed, it does; if not, nobody knows (PROTOCOL 3.8). `fail` where
 * memory followed the answers until the guard had to stop it.
 */
export function observeSearch(search: SearchResult, limit: Limit, context: DetectorContext): Observation {
  const { claim, why } = searchWords(search, limit.bytes);
  const vus = search.confirmedVus ?? search.lastGoodVus;
  const peaks = search.steps.flatMap((step) => (step.vus === vus ? (step.peakBytes ?? []) : []));
  const seen = {
    summary: `${claim.charAt(0).toUpperCase()}${claim.slice(1)}: ${why}.`,
    value: peaks.length === 0 ? null : Math.max(...peaks) / limit.bytes,
    threshold: 1,
    evidence: {
      holder: null,
      confirmedConcurrency: search.confirmedVus ?? null,
      heldOnceConcurrency: search.lastGoodVus,
      brokenConcurrency: search.firstBrokenVus,
      limitBytes: limit.bytes,
      limitSource: limit.source,
    },
  };
  if (isConfirmed(search)) {
    return { ...seen, verdict: 'ok' };
  }
  const last = search.steps.findLast(({ vus: of }) => of === vus);
  const place = { stage: last?.name ?? null, startedMs: last?.startMs ?? null };
  if (search.lastGoodVus === null) {
    return { ...seen, ...place, verdict: 'inconclusive' };
  }
  const wasStopped = search.steps.some(({ verdict }) => verdict === 'stopped');
  return search.isCumulative === true
    ? { ...seen, ...place, verdict: wasStopped ? 'fail' : 'warn', remedy: leakRemedy(context) }
    : { ...seen, ...place, verdict: 'warn', remedy: againRemedy(search.lastGoodVus) };
}

/** The whole next command, so that nobody has to find the adapter and the corpus again. */
export function leakRemedy({ confirming }: DetectorContext): string {
  return `Restart the target, then measure how much each request leaves behind: \`${confirming}\``;
}

function againRemedy(vus: number): string {
  return `Restart the target and search again up to ${vus} at once: a copy of the profile with \`toVus: ${vus}\` ends there and repeats it.`;
}
