import { sha256Hex } from '../../base/digest.ts';
import type { HistorySession, Subject } from '../../model/history.ts';

/** What shows the same regression again on a later night (PROTOCOL 12.8). */
export interface Regression {
  series: string;
  key: string;
  direction: 'up' | 'down';
}

interface Night {
  sessionId: string;
  subject: Subject;
}

/** The commit that first showed it, or the session where nobody said which commit was tested. */
function identityFrom({ series, key, direction }: Regression, { sessionId, subject }: Night): string {
  const parts = [series, key, direction, subject.commit ?? sessionId];
  return sha256Hex(JSON.stringify(parts)).slice(0, 16);
}

/**
 * The same identity as on the nights just before, if they showed this regression; else a new one. `since` is the first
 * session of it, null: this one.
 */
export function identityOf(
  regression: Regression,
  tonight: Night,
  nights: readonly HistorySession[],
): { identity: string; since: string | null } {
  const last = nights.at(-1);
  for (const night of nights.toReversed()) {
    if (night.identities.length === 0) {
      break;
    }
    const identity = identityFrom(regression, night);
    if (last?.identities.includes(identity) === true) {
      const first = nights.find(({ identities }) => identities.includes(identity));
      return { identity, since: (first ?? night).sessionId };
    }
  }
  return { identity: identityFrom(regression, tonight), since: null };
}
