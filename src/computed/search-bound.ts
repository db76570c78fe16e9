import type { RunEvent } from '../model/artifacts.ts';
import type { Observation } from '../model/detector.ts';

/** What a search climbs to on purpose; any other finding is one of the server, and a kill is one too. */
const boundDetector = 'low-headroom';

interface Found {
  detector: string;
  seen: Observation;
}

/**
 * A finding of the bound that a capacity search was sent to find: no failing (PROTOCOL 3.8). One from before the
 * search, one beside a kill for memory, and one of memory that followed how many were answered stays what it is.
 */
export function asAnswerOfSearch(
  { detector, seen }: Found,
  events: readonly RunEvent[],
  isCumulative: boolean,
): Observation {
  const isBad = seen.verdict === 'fail' || seen.verdict === 'warn';
  const wasKilled = events.some(({ kind, subject }) => kind === 'oom_kill' && subject !== 'host');
  const steps = events.filter(({ kind }) => kind === 'search_step');
  const firstMs = steps[0]?.tMs ?? Number.POSITIVE_INFINITY;
  // What a step left in flight drains after it, in no stage at all; the search is the end of every run that has one.
  const isOfSearch = steps.some(({ subject }) => subject === seen.stage) || (seen.startedMs ?? -1) >= firstMs;
  return isBad && detector === boundDetector && isOfSearch && !wasKilled && !isCumulative
    ? {
        ...seen,
        verdict: 'ok',
        summary: `${seen.summary} The search went there on purpose, which is no failing.`,
      }
    : seen;
}
