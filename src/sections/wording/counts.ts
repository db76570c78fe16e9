import { type Outcome, outcomes } from '../../model/record.ts';
import type { RequestSummary, RunResult } from '../../model/result.ts';

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  ok: 'answered',
  http_error: 'HTTP errors',
  semantic_error: 'wrong answers inside a 2xx',
  timeout: 'timeouts',
  refused: 'refused connections',
  reset: 'connections reset',
  closed_early: 'closed before the reply was whole',
  dropped: 'never sent',
  cancelled: 'cancelled by us',
  in_flight_at_end: 'still in flight at the end',
};

/** Digits in threes, the same in every locale. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `71 timeouts`, for each outcome that occurred. */
export function outcomesInWords(requests: RequestSummary, exceptOk = false): readonly string[] {
  return outcomes
    .filter((outcome) => requests.outcomes[outcome] > 0 && !(exceptOk && outcome === 'ok'))
    .map((outcome) => `${formatCount(requests.outcomes[outcome])} ${outcomeWords[outcome]}`);
}

export function sumOfOutcomes(requests: RequestSummary): number {
  return outcomes.reduce((sum, outcome) => sum + requests.outcomes[outcome], 0);
}

/** A ledger of the reference server is never called memory of a real device. */
export function deviceMemoryName(result: RunResult): string {
  return result.target.device.kind === 'virtual' ? 'virtual VRAM' : 'VRAM';
}
