import { formatBytes } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';

/**
 * What a capacity search found, as a sentence without its full stop; null without a search, for an invalid run, and
 * where no step came to its end.
 */
export function searchAnswer({
  search,
  validity,
  memory,
}: Pick<RunResult, 'search' | 'validity' | 'memory'>): string | null {
  if (
    search === null ||
    validity.state === 'invalid' ||
    (search.lastGoodVus === null && search.firstBrokenVus === null)
  ) {
    return null;
  }
  const under = memory.limitBytes === null ? '' : ` under ${formatBytes(memory.limitBytes)}`;
  const safe =
    search.lastGoodVus === null
      ? `no step kept its bounds${under}, and fewer than ${search.firstBrokenVus} at once were not tried`
      : `${search.lastGoodVus} at once are safe${under}`;
  return `${safe}; ${search.why}`;
}
