import { sha256Hex } from '../../base/digest.ts';
import { escapeHtml } from '../../base/escape-html.ts';
import { formatBytes } from '../../base/units.ts';
import type { HistorySession } from '../../model/history.ts';

/** A reader of feeds looks at the last weeks. */
const feedLength = 100;

/** The same name always has the same id: a UUID of version 8 (RFC 9562) made of its digest. */
function uuidOf(name: string): string {
  const hex = sha256Hex(name);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

function entryOf(session: HistorySession, pages: ReadonlySet<string>): string {
  const { sessionId, profile, state, at, subject } = session;
  const page = session.runIds.find((id) => pages.has(id));
  const peak = session.metrics.find(({ id }) => id === 'peak-memory')?.median ?? null;
  const what = subject.version ?? subject.commit;
  const summary = `Peak memory ${formatBytes(peak)}${what === null ? '' : `, of ${what}`}; ${session.runIds.length} runs, series ${session.series}.`;
  const href =
    page === undefined ? `trends/${encodeURIComponent(session.series)}.html` : `runs/${encodeURIComponent(page)}.html`;
  return [
    `<entry><id>urn:uuid:${uuidOf(`${session.series} ${sessionId}`)}</id>`,
    `<title>${escapeHtml(`${profile}: ${state}`)}</title><updated>${escapeHtml(at)}</updated>`,
    `<link href="${href}"/><summary>${escapeHtml(summary)}</summary></entry>\n`,
  ].join('');
}

/** Atom (RFC 4287): an entry a decision, newest first. Its links are relative to where the feed lies. */
export function feed(sessions: readonly HistorySession[], pages: ReadonlySet<string>): string {
  const newest = sessions.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, feedLength);
  // A feed needs a date, and one of the clock would make each publish another one.
  const updated = newest[0]?.at ?? '1970-01-01T00:00:00Z';
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>urn:uuid:${uuidOf('headroom decisions')}</id>
<title>Headroom: decisions of the gate</title>
<updated>${escapeHtml(updated)}</updated>
<author><name>headroom</name></author>
<link rel="self" type="application/atom+xml" href="feed.xml"/>
<link rel="alternate" type="text/html" href="index.html"/>
${newest.map((session) => entryOf(session, pages)).join('')}</feed>
`;
}
