import type { RunEvent } from '../model/artifacts.ts';
import type { Observation } from '../model/detector.ts';

/** What a search climbs to on purpose; any other finding is one of the server, and a kill is one too. */
const boundDetectors: ReadonlySet<string> = new Set(['low-headroom', 'concurrency-amplification']);

interface Found {
  detector: string;
  seen: Observation;
}

/**
 * A finding of the bound that a capacity search was sent to find: its answer, and no failing (PROTOCOL 3.8). One of
 * another stage than its steps, and one beside a kill for memory, stays what it is.
 */
export function asAnswerOfSearch({ detector, seen }: Found, events: readonly RunEvent[]): Observation {
  const isBad = seen.verdict === 'fail' || seen.verdict === 'warn';
  const wasKilled = events.some(({ kind, subject }) => kind === 'oom_kill' && subject !== 'host');
  const stage = seen.stage?.replace(/-lull$/, '');
  const isOfStep = events.some(({ kind, subject }) => kind === 'search_step' && subject === stage);
  return isBad && boundDetectors.has(detector) && isOfStep && !wasKilled
    ? {
        ...seen,
        verdict: 'ok',
        summary: `${seen.summary} The search went there on purpose: it is its answer, and no failing.`,
      }
    : seen;
}
