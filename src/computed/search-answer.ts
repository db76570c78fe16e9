import { formatBytes } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { SearchResult } from '../model/search.ts';
import { cumulativeClaim } from './cumulative.ts';

type Searched = Pick<RunResult, 'search' | 'validity' | 'memory'>;

/** Whether a number was confirmed: no other is called safe (PROTOCOL 3.8). */
export function isConfirmed({ confirmedVus }: Pick<SearchResult, 'confirmedVus'>): boolean {
  return (confirmedVus ?? null) !== null;
}

/** Why the highest number that was kept is not safe; an older bench repeated nothing. */
export function whyUnconfirmed({ unconfirmedWhy }: Pick<SearchResult, 'unconfirmedWhy'>): string {
  return unconfirmedWhy ?? 'no step was repeated';
}

/** Which number is safe, or that none is known, and what speaks for that; each without its full stop. */
export function searchWords(search: SearchResult, limitBytes: number | null): { claim: string; why: string } {
  const { lastGoodVus, firstBrokenVus, confirmedVus = null } = search;
  const under = limitBytes === null ? '' : ` under ${formatBytes(limitBytes)}`;
  if (lastGoodVus === null) {
    const below = firstBrokenVus === null ? '' : `, and fewer than ${firstBrokenVus} at once were not tried`;
    return { claim: `no step kept its bounds${under}${below}`, why: search.why };
  }
  if (confirmedVus !== null) {
    const again = 'held again, with memory no higher';
    return lastGoodVus === confirmedVus
      ? { claim: `${confirmedVus} at once are safe${under}`, why: `they ${again}; ${search.why}` }
      : {
          claim: `${confirmedVus} at once are safe${under}, and ${lastGoodVus} held once`,
          why: `${confirmedVus} ${again}; ${whyUnconfirmed(search)}; ${search.why}`,
        };
  }
  return search.isCumulative === true
    ? { claim: `no number is safe${under}, since ${cumulativeClaim}`, why: whyUnconfirmed(search) }
    : {
        claim: `${lastGoodVus} at once held once${under}, which does not make them safe`,
        why: `${whyUnconfirmed(search)}; ${search.why}`,
      };
}

/** null without a search, for an invalid run, and where no step came to its end. */
function toldSearch({ search, validity }: Searched): SearchResult | null {
  const hasEnded = search !== null && (search.lastGoodVus !== null || search.firstBrokenVus !== null);
  return hasEnded && validity.state !== 'invalid' ? search : null;
}

/** What a capacity search found, with its reasons, as a sentence without its full stop. */
export function searchAnswer(result: Searched): string | null {
  const search = toldSearch(result);
  if (search === null) {
    return null;
  }
  const { claim, why } = searchWords(search, result.memory.limitBytes);
  return `${claim}; ${why}`;
}

/** The same without its reasons. */
export function searchClaim(result: Searched): string | null {
  const search = toldSearch(result);
  return search === null ? null : searchWords(search, result.memory.limitBytes).claim;
}
